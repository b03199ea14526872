/* Entries of an archive, as they come framed on an fd. */
#ifndef TSCOMPOSE_ENTRIES_H
#define TSCOMPOSE_ENTRIES_H

#include "core/state.h"
#include "core/protocol.h"

#include <time.h>

/* Bytes that came and were not used yet. */
struct source {
	int fd;
	int connection; /* that content may be taken from; -1: none */
	uint8_t *bytes;
	size_t start;
	size_t end;
};

struct entry {
	uint32_t kind;
	uint64_t size;
	mode_t mode;
	uid_t uid;
	gid_t gid;
	dev_t device;
	struct timespec times[2];
	const char *name;
	const char *target;
	uint32_t attribute_count;
	uint32_t attribute_length;
	const uint8_t *attributes; /* u32 length of the name, u32 of the value, the name with its NUL, the value */
};

/* entries.c: the next entry, whose texts lie in the buffer until more is read. 0 or -EPROTO. */
int read_entry(struct source *source, struct entry *entry);
/* Writes the content of the entry that was read last. */
int write_content(struct source *source, int fd, uint64_t left);
int source_open(struct source *source, int fd);
int read_bytes(struct source *source, void *bytes, size_t length);
/* Tells whoever sends the entries something by a reply of its own with one result. */
int tell(const void *bytes, size_t length);

#endif
