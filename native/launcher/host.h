/* The way to a command host: the engine's socket, and the worker's that it names. */
#ifndef TSCOMPOSE_LAUNCHER_HOST_H
#define TSCOMPOSE_LAUNCHER_HOST_H

#include "launcher/inbox.h"

/* Connects to a socket of this very user; the fd, or a negative errno. */
int host_connect(const char *path);
/* Sends one frame that may be large, waiting for the other end. */
int host_send(int fd, uint32_t kind, const void *payload, size_t length);
/*
 * Waits at most so many milliseconds for one frame of the engine; 0, or a negative errno.
 */
int host_await(struct inbox *inbox, struct arrival *arrival, int patience);

#endif
