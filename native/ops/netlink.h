/* Netlink sockets, for whoever keeps one longer than an operation. */
#ifndef TSCOMPOSE_NETLINK_H
#define TSCOMPOSE_NETLINK_H

#include "core/state.h"

/* A socket of the host's namespace, or the container's. */
int netlink_open(bool container, int protocol);
/* One transaction of netfilter. 0 too when it failed with an errno of `ignore`. */
int netlink_transact(struct state *state, int fd, const struct field *bytes, const struct field *ignore);
/* One request for a list; what comes becomes a result. */
int netlink_list(struct state *state, int fd, const struct field *bytes);

#endif
