/* Frames to the other end of a socket that may be slow: nothing here waits. */
#ifndef TSCOMPOSE_LAUNCHER_OUTBOX_H
#define TSCOMPOSE_LAUNCHER_OUTBOX_H

#include "launcher/wire.h"

#include <stdbool.h>
#include <stddef.h>

struct outbox {
	int fd;
	size_t start, end;
	uint8_t bytes[2 * (WIRE_HEAD + WIRE_PAYLOAD)];
};

/* Whether a frame of that payload can be put now. */
bool outbox_has_room(const struct outbox *outbox, size_t length);
/* 0, or -ENOBUFS: there was no room. */
int outbox_put(struct outbox *outbox, uint32_t kind, const void *payload, uint32_t length);
int outbox_put_numbers(struct outbox *outbox, uint32_t kind, uint32_t first, uint32_t second);
/* Sends what the socket takes. What somebody who has gone does not take is dropped: that is heard from the inbox. */
void outbox_flush(struct outbox *outbox);

#endif
