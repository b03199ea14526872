/* A container that a server of /proc files answers for: what its monitor has handed over, and what its readers have begun with. */
#ifndef TSCOMPOSE_PROCFS_CONTAINER_H
#define TSCOMPOSE_PROCFS_CONTAINER_H

#include "procfs/sources.h"

/* Readers whose text is kept, so that what they read in pieces fits together. */
#define SNAPSHOTS 4

struct snapshot {
	uint64_t handle; /* 0: none */
	struct page text; /* of just that length */
};

struct container {
	int channel; /* to its monitor */
	int fuse; /* its connection; -1: not handed over yet */
	struct sources sources;
	struct page *work; /* the server's: the text that is being made */
	struct snapshot snapshots[SNAPSHOTS];
	unsigned next;
};

/* One whose monitor has come, and said nothing yet. */
struct container container_of(int channel, char *scratch, struct page *work);
/* What its monitor says first. A negative errno: it is none that we can serve. */
int container_take(struct container *container);
/* Lets go of all that was its own. Its monitor hears of it. */
void container_let_go(struct container *container);

struct snapshot *snapshot_of(struct container *container, uint64_t handle);
/* Keeps a copy of a text for a reader, in place of the one that came first of others. NULL: there is no memory. */
struct snapshot *snapshot_keep(struct container *container, uint64_t handle, const struct page *text);
void snapshot_drop(struct snapshot *snapshot);

#endif
