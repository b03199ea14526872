/* The namespaces that we work in: a private view of the mounts, the host's network and the container's. */
#ifndef TSCOMPOSE_NAMESPACES_H
#define TSCOMPOSE_NAMESPACES_H

#include "core/state.h"

/* fds that netlink bytes name; see src/native/program.ts. */
#define CONTAINER_NETNS 100
#define HOST_NETNS 101

/* The network namespace we were started in gets its number before anything else can take it. */
int netns_remember_host(void);
int netns_enter(int fd);
/*
 * Where this kernel wants it (`mounts_privately`), a private view of the host's mounts: what we make shows nowhere else. Slave, not private, so that
 * what the host unmounts later is let go of here too.
 */
int enter_mounts(struct state *state);
/* Whether trees may be attached in our mount namespace: it is not the host's. */
static inline bool mounts_privately(const struct state *state)
{
	return state->own_mounts != state->host_mounts;
}

/* A pidfd of the process with that number and start time; -ESRCH when the number is another's by now. */
int hold_process(pid_t pid, uint64_t start);
/* The same, held until another is asked for: operations that look at one process one after the other. Whether it has ended since, its pidfd says. */
int held_process(struct state *state, pid_t pid, uint64_t start);
/* Joins the namespaces of a process, the mount namespace last; of pid, time and user namespace those in `also` (CLONE_NEW*). */
int join_process(int target, int also);

#endif
