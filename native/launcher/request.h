/* What the host is told: texts that end in NUL, one behind the other. */
#ifndef TSCOMPOSE_LAUNCHER_REQUEST_H
#define TSCOMPOSE_LAUNCHER_REQUEST_H

#include <stddef.h>
#include <stdint.h>

/* Bytes that grow; the caller frees `bytes`. */
struct texts {
	uint8_t *bytes;
	size_t length, room;
};

/*
 * Version, build, what the kernel says of this process (its ids, rights and
 * limits, its namespaces and its root), and the words that were typed.
 */
int request_hello(struct texts *texts, const char *build, char *const words[]);
/* Pid, folder, name, streams, and words and environment with their numbers. */
int request_command(struct texts *texts, const char *name, char *const words[], char *const environment[]);

#endif
