/*
 * The way to a server of /proc files. One listens at a socket in the engine's folder; a monitor that finds none there begins one, and all
 * others find that. It is nobody's in particular: it outlives the monitor that began it, and ends by itself.
 */
#ifndef TSCOMPOSE_PROCFS_DOOR_H
#define TSCOMPOSE_PROCFS_DOOR_H

#include "core/state.h"

#include <sys/types.h>

/* Servers that one monitor has begun and that have not ended: one, unless that was full. */
#define PROCFS_SERVERS 4

/* A channel to a server, by the fields of `procServer`; one that was begun for it stands among `servers` then (0: free). */
int door_enter(const struct state *state, const struct field *fields, pid_t servers[PROCFS_SERVERS]);
/* Says over a channel where a container's files are. The fds stay ours as well. */
int door_hand_over(int channel, int fuse, int shared, const struct field *sources);

#endif
