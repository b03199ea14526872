/* What the relay needs privilege for. */
#ifndef TSCOMPOSE_RELAY_SETUP_H
#define TSCOMPOSE_RELAY_SETUP_H

#include "monitor/state.h"

/* A socket that is bound already. */
struct listener {
	int fd;
	int protocol;
	struct sockaddr_storage host;
	socklen_t length;
	bool both; /* of IPv6, and for IPv4 too */
	bool taken; /* it goes on as another port's */
};

struct listeners {
	struct listener *list;
	size_t count;
	size_t next; /* where the next one is looked for first: they come in one order */
};

/* What a socket is bound to. 0 or a negative errno. */
int listener_describe(int fd, struct listener *out);

/* Adds the ports of a `publish` to a configuration, by listeners that are there or are bound now. Whatever fails, those that it has are counted. */
int relay_add_ports(struct monitor *monitor, struct relay_config *config, const struct field *f, struct listeners *before);

/* Takes from a `relay` who unknown names are asked of, and makes the sockets for that. Whatever fails, what it has is the caller's. */
int relay_add_servers(struct state *state, struct relay_config *config, const struct field *f);

/* Everything that the supervise stage says of the relay. After the setup stage: 127.0.0.11 must be up. */
int relay_prepare(struct monitor *monitor);

#endif
