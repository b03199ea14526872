/* Netlink sockets, for whoever keeps one longer than an operation. */
#ifndef TSCOMPOSE_NETLINK_H
#define TSCOMPOSE_NETLINK_H

#include "core/state.h"

/* By the field `protocol` of operations. */
extern const unsigned netlink_protocols[NETLINK_PROTOCOLS];
/* A socket of the host's namespace, or the container's: it belongs to the one in which it is made. It has its number when it first asks. */
int netlink_socket(bool container, unsigned protocol);
/* The same with its number, and with the kernel's words for what it refuses. */
int netlink_open(bool container, unsigned protocol);
/* Whether a message lies whole within what is left; its aligned length then. */
size_t netlink_message(const uint8_t *at, size_t left);
/* Messages one by one, so that nothing happens after the first that fails with another errno than those of `ignore`. */
int netlink_each(struct state *state, int fd, const struct field *bytes, const struct field *ignore);
/* One transaction of netfilter. 0 too when it failed with an errno of `ignore`. */
int netlink_transact(struct state *state, int fd, const struct field *bytes, const struct field *ignore);
/* One request for a list, to its end; `take` has each datagram, and ends it by a negative errno. 0 or a negative errno. */
int netlink_dump(int fd, const struct field *bytes, int (*take)(void *, const uint8_t *, size_t), void *owner);
/* One request for a list; what comes becomes a result. */
int netlink_list(struct state *state, int fd, const struct field *bytes);

#endif
