#include "launcher/inbox.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static uint32_t number_at(const uint8_t *bytes)
{
	uint32_t number;
	memcpy(&number, bytes, sizeof number);
	return number;
}

static bool is_frame_possible(const struct inbox *inbox)
{
	return inbox->end - inbox->start < WIRE_HEAD || number_at(inbox->bytes + inbox->start + 4) <= WIRE_PAYLOAD;
}

int inbox_read(struct inbox *inbox)
{
	if (inbox->start > 0) {
		memmove(inbox->bytes, inbox->bytes + inbox->start, inbox->end - inbox->start);
		inbox->end -= inbox->start;
		inbox->start = 0;
	}
	if (inbox->end == sizeof inbox->bytes)
		return 0;
	ssize_t count = recv(inbox->fd, inbox->bytes + inbox->end, sizeof inbox->bytes - inbox->end, MSG_DONTWAIT);
	if (count < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -EPIPE;
	if (count == 0)
		return -EPIPE;
	inbox->end += (size_t)count;
	return is_frame_possible(inbox) ? 1 : -EPROTO;
}

bool inbox_is_full(const struct inbox *inbox)
{
	return inbox->end - inbox->start == sizeof inbox->bytes;
}

bool inbox_next(struct inbox *inbox, struct arrival *arrival)
{
	const uint8_t *head = inbox->bytes + inbox->start;
	size_t have = inbox->end - inbox->start;
	if (have < WIRE_HEAD)
		return false;
	arrival->kind = number_at(head);
	arrival->length = number_at(head + 4);
	if (arrival->length > WIRE_PAYLOAD || have - WIRE_HEAD < arrival->length)
		return false;
	arrival->payload = head + WIRE_HEAD;
	inbox->start += WIRE_HEAD + arrival->length;
	return true;
}

uint32_t arrival_number(const struct arrival *arrival, unsigned n)
{
	return arrival->length / 4 <= n ? 0 : number_at(arrival->payload + (size_t)n * 4);
}
