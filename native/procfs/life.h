/* The life of the server of /proc files, as its monitor sees it. */
#ifndef TSCOMPOSE_PROCFS_LIFE_H
#define TSCOMPOSE_PROCFS_LIFE_H

#include "core/state.h"

struct procfs {
	int fuse; /* the connection of the present run; -1: none */
	int shared; /* what its servers leave to each other */
	pid_t pid;
	int pidfd; /* -1: no server runs */
	uint64_t rest_until; /* boottime, ns: none is started before; 0: not waiting */
	uint64_t started;
};

void procfs_init(struct procfs *procfs);
/* A run begins: takes over the connection that its mount has made, if any, and starts a server, which the mounts ask. */
int procfs_begin(struct procfs *procfs, struct state *state);
/* What is to be waited for while no server runs: that somebody reads. -1: nothing. */
int procfs_asked(const struct procfs *procfs);
/* Somebody reads; or the container has ended, and the connection with it. */
void procfs_wake(struct procfs *procfs, struct state *state, short events);
/* It ended, as it does when it has nothing to do, or it died. */
void procfs_ended(struct procfs *procfs);
void procfs_stop(struct procfs *procfs);

#endif
