#include "launcher/outbox.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

bool outbox_has_room(const struct outbox *outbox, size_t length)
{
	return sizeof outbox->bytes - (outbox->end - outbox->start) >= WIRE_HEAD + length;
}

int outbox_put(struct outbox *outbox, uint32_t kind, const void *payload, uint32_t length)
{
	if (!outbox_has_room(outbox, length))
		return -ENOBUFS;
	memmove(outbox->bytes, outbox->bytes + outbox->start, outbox->end - outbox->start);
	outbox->end -= outbox->start;
	outbox->start = 0;
	uint8_t *at = outbox->bytes + outbox->end;
	memcpy(at, &kind, 4);
	memcpy(at + 4, &length, 4);
	if (length > 0)
		memcpy(at + WIRE_HEAD, payload, length);
	outbox->end += WIRE_HEAD + length;
	return 0;
}

int outbox_put_numbers(struct outbox *outbox, uint32_t kind, uint32_t first, uint32_t second)
{
	uint32_t numbers[] = { first, second };
	return outbox_put(outbox, kind, numbers, sizeof numbers);
}

void outbox_flush(struct outbox *outbox)
{
	while (outbox->start < outbox->end) {
		ssize_t count = send(outbox->fd, outbox->bytes + outbox->start, outbox->end - outbox->start,
			MSG_NOSIGNAL | MSG_DONTWAIT);
		if (count < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		outbox->start = count < 0 ? outbox->end : outbox->start + (size_t)count;
	}
}
