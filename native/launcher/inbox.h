/* Frames from the other end of a socket. */
#ifndef TSCOMPOSE_LAUNCHER_INBOX_H
#define TSCOMPOSE_LAUNCHER_INBOX_H

#include "launcher/wire.h"

#include <stdbool.h>
#include <stddef.h>

struct inbox {
	int fd; /* -1: at its end */
	size_t start, end;
	uint8_t bytes[2 * (WIRE_HEAD + WIRE_PAYLOAD)];
};

/* One frame; its payload stands in the inbox until the next read. */
struct arrival {
	uint32_t kind, length;
	const uint8_t *payload;
};

/* Reads what there is, once. 1: something came; 0: nothing yet; -EPIPE at the end, -EPROTO for what is no frame. */
int inbox_read(struct inbox *inbox);
/* Takes the next whole frame; false: there is none yet. */
bool inbox_next(struct inbox *inbox, struct arrival *arrival);
bool inbox_is_full(const struct inbox *inbox);
/* The n-th number of a payload; 0 where it is too short. */
uint32_t arrival_number(const struct arrival *arrival, unsigned n);

#endif
