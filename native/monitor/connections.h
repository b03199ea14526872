/* Who is connected to the monitor's socket, and what is on its way to them. */
#ifndef TSCOMPOSE_CONNECTIONS_H
#define TSCOMPOSE_CONNECTIONS_H

#include "monitor/state.h"

struct sockaddr_un;

/*
 * The folder of a path, opened, and the address of the socket by way of it: a socket's address holds 107 bytes, a path may be longer. A negative
 * errno.
 */
int short_address(const char *path, struct sockaddr_un *address);

int connections_listen(struct monitor *monitor);
void connections_accept(struct monitor *monitor);

/* Queues a frame. */
void connection_send(struct monitor *monitor, struct connection *connection, unsigned type, unsigned flag,
		     const void *bytes, size_t length);
/* Hands over what is queued, as far as it is taken. */
void connection_flush(struct monitor *monitor, struct connection *connection);
/* Takes what came into `in`; a connection that has ended, or sends too much, is dropped. */
void connection_receive(struct monitor *monitor, struct connection *connection);
void connection_drop(struct monitor *monitor, struct connection *connection);

/* Nobody has anything to get any more. */
bool connections_flushed(const struct monitor *monitor);
/* When the next reader that holds the container back is let go, boottime ns; 0: nobody holds it. */
uint64_t connections_held_until(const struct monitor *monitor);
/* Lets go of those whose time is over. */
void connections_let_go(struct monitor *monitor, uint64_t now);
/* Keeps the files of the log that followers are still to read, as long as they get on. */
void connections_keep_followed(struct monitor *monitor);

#endif
