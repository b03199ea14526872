/* What a connection to the spawner begins with. */
#ifndef TSCOMPOSE_HELLO_H
#define TSCOMPOSE_HELLO_H

#include <stdbool.h>
#include <stdint.h>

#include "core/protocol.h"

/* 0, 1 and 2 of a process. */
#define STREAMS 3u

struct hello {
	uint32_t kind; /* HELLO_RUN and so on: a process of a mode; HELLO_STDIN and so on: a stream of one */
	uint32_t streams; /* of a process: a bit for each stream that it has */
	uint64_t token; /* the same for a process and its streams */
};

/* 0 or -EPROTO. */
int hello_decode(const uint8_t bytes[HELLO_LENGTH], struct hello *hello);
/* Whether it is of a process; else it is of a stream. */
bool hello_is_process(const struct hello *hello);
/* The mode of a process, as the command line has it. */
const char *hello_mode(const struct hello *hello);

#endif
