/* Programs of BPF that hang in a place for whoever holds them: every engine of the machine, and the monitors of those that were led. */
#ifndef TSCOMPOSE_SHARED_H
#define TSCOMPOSE_SHARED_H

#include <stdint.h>

/* Where a program may hang already. */
struct shared_place {
	uint32_t attach_type;
	uint64_t group; /* the control group's number */
};

/* What was found, both open: the link that it hangs on, and its one map. */
struct shared_link {
	int link;
	int map;
	uint32_t map_id;
};

/* The link of a program there whose code is this program's, as long as somebody holds it. 0, or a negative errno: -ENOENT where there is none. */
int shared_find(const struct shared_place *place, int program, struct shared_link *out);

/* The number of a link. 0, or a negative errno. */
int shared_id(int link, uint32_t *id);

#endif
