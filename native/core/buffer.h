/* Bytes that grow up to a limit. */
#ifndef TSCOMPOSE_BUFFER_H
#define TSCOMPOSE_BUFFER_H

#include <stddef.h>
#include <stdint.h>

struct buffer {
	uint8_t *bytes;
	size_t length;
	size_t capacity;
};

/* -EOVERFLOW: it would be longer than `limit`; nothing was added. */
int buffer_append(struct buffer *buffer, const void *bytes, size_t length, size_t limit);
/* Takes bytes off the front. */
void buffer_consume(struct buffer *buffer, size_t length);

#endif
