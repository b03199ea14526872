/* Programs of BPF in a control group. */
#ifndef TSCOMPOSE_ATTACH_H
#define TSCOMPOSE_ATTACH_H

#include "core/state.h"

#define ATTACHED_MAX 8

/* What keeps programs where they are: they go with the process that has it. */
struct attached {
	int links[ATTACHED_MAX];
	bool shared[ATTACHED_MAX]; /* whether monitors may hold it, too */
	size_t count;
};

/*
 * Attaches these programs instead of those of before, all or none, with maps of their own; the bytes are those of src/native/attach-wire.ts. Those that are shared
 * are joined where somebody holds the same. The result is the numbers of the first map and of the links of those, by which monitors find them. 0, or a negative errno.
 */
int attach_programs(struct state *state, struct attached *attached, const uint8_t *bytes, size_t length);

#endif
