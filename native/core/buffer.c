#include "core/buffer.h"
#include "core/sys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int buffer_append(struct buffer *buffer, const void *bytes, size_t length, size_t limit)
{
	if (length > limit || buffer->length > limit - length)
		return -EOVERFLOW;
	if (buffer->length + length > buffer->capacity) {
		size_t capacity = buffer->capacity ? buffer->capacity : 4096;
		while (capacity < buffer->length + length)
			capacity *= 2;
		uint8_t *grown = realloc(buffer->bytes, capacity);
		if (!grown)
			return -ENOMEM;
		buffer->bytes = grown;
		buffer->capacity = capacity;
	}
	if (length)
		memcpy(buffer->bytes + buffer->length, bytes, length);
	buffer->length += length;
	return 0;
}

void buffer_consume(struct buffer *buffer, size_t length)
{
	buffer->length -= length;
	memmove(buffer->bytes, buffer->bytes + length, buffer->length);
}
