/* Connections that wait: for the rest of what they begin with, or for the others of their process. */
#ifndef TSCOMPOSE_GUESTS_H
#define TSCOMPOSE_GUESTS_H

#include <stddef.h>

#include "spawner/hello.h"

/* Nobody but the engine connects, and each of its processes has four connections at most, one right after the other. */
#define GUESTS_MAX 1024u

struct guest {
	int fd;
	size_t length; /* of `bytes` that have come */
	uint8_t bytes[HELLO_LENGTH];
	struct hello hello; /* once they are whole */
};

struct guests {
	unsigned count;
	struct guest all[GUESTS_MAX];
};

/* A process with all its connections, by their places among the guests. */
struct party {
	unsigned process;
	int streams[STREAMS]; /* -1: it has none */
};

/* There must be room. */
void guests_add(struct guests *guests, int fd);
/* Closes it, and puts the last one in its place. */
void guests_drop(struct guests *guests, unsigned index);
/* Reads what has come of its beginning, and nothing behind it. 1: whole, 0: not yet, or a negative errno. */
int guest_hear(struct guest *guest);
bool guest_is_whole(const struct guest *guest);
/* Finds a process whose streams have all come. */
bool guests_find(const struct guests *guests, struct party *party);
/* Drops all of a process. */
void guests_drop_party(struct guests *guests, const struct party *party);

#endif
