/* Standard output and standard error: what the host sent and is not written yet. Nothing here waits for a slow reader. */
#ifndef TSCOMPOSE_LAUNCHER_OUTPUT_H
#define TSCOMPOSE_LAUNCHER_OUTPUT_H

#include "launcher/wire.h"

#include <stdbool.h>
#include <stddef.h>

/* A stream, as the kernel has it for us. */
struct output {
	int fd;
	bool is_lost; /* it takes no more: what comes is dropped */
	bool may_wait; /* a write of more than a page could wait for the reader */
	uint64_t received; /* bytes that came for it */
	uint64_t written;
	size_t start, length;
	uint8_t bytes[WIRE_WINDOW];
};

void output_open(struct output *output, int fd);
/* 0, or -EPROTO: the host sent more than it may. */
int output_put(struct output *output, const uint8_t *bytes, size_t length);
/* One write of what waits: how much went, 0 if it takes nothing now, or why it is lost. */
int output_write(struct output *output);
/* Whether both lead to one file, pipe or terminal, where their order can be seen. */
bool output_is_same(int one, int other);

#endif
