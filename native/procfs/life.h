/* What a monitor does for the /proc files of its container: it holds their connection, and has a server answer. */
#ifndef TSCOMPOSE_PROCFS_LIFE_H
#define TSCOMPOSE_PROCFS_LIFE_H

#include "core/state.h"
#include "procfs/door.h"

struct procfs {
	int fuse; /* the connection of the present run; -1: none */
	int shared; /* what its servers leave to each other */
	int channel; /* to the server that has them; -1: none has */
	uint64_t handed; /* boottime, ns: when it got them */
	uint64_t rest_until; /* the same: none is asked before; 0: not waiting */
	uint64_t pause; /* ns: the last such rest; 0: none was needed */
	pid_t servers[PROCFS_SERVERS]; /* that we have started, whomever they serve; 0: none */
};

void procfs_init(struct procfs *procfs);
/* A run begins: takes over the connection that its mount has made, if any, and hands it to a server, which the mounts ask. */
int procfs_begin(struct procfs *procfs, struct state *state);
/* What is to be waited for: that somebody reads, or the end of who answers. -1: nothing. */
int procfs_asked(const struct procfs *procfs);
/* That has come; or a rest is over (no events). */
void procfs_wake(struct procfs *procfs, struct state *state, short events);
/* A child has ended: one of the servers, maybe. */
void procfs_reap(struct procfs *procfs);
void procfs_stop(struct procfs *procfs);

#endif
