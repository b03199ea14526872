/* Reads a ClientHello (RFC 8446, 4.1.2), which may lie in several records (5.1). */
#include "front/tls.h"

#include <string.h>

#define RECORD_HANDSHAKE 22
#define CLIENT_HELLO 1
/* What a message of a handshake begins with. */
#define MESSAGE_HEAD 4
/* Version and random. */
#define HELLO_BEGIN 34
#define EXTENSION_SERVER_NAME 0
#define NAME_OF_HOST 0

/* Bytes that were not read yet. */
struct piece {
	const uint8_t *at;
	size_t left;
};

/* A number of so many bytes, and as many bytes as it says. */
static bool take(struct piece *from, size_t width, struct piece *out)
{
	size_t length = 0;
	if (from->left < width)
		return false;
	for (size_t i = 0; i < width; i++)
		length = length << 8 | from->at[i];
	if (from->left - width < length)
		return false;
	*out = (struct piece){ from->at + width, length };
	from->at += width + length;
	from->left -= width + length;
	return true;
}

static bool skip(struct piece *from, size_t length)
{
	if (from->left < length)
		return false;
	from->at += length;
	from->left -= length;
	return true;
}

static void read_names(struct piece extension, struct host_name *name)
{
	struct piece list, text;
	if (!take(&extension, 2, &list))
		return;
	while (list.left) {
		uint8_t kind = list.at[0];
		if (!skip(&list, 1) || !take(&list, 2, &text))
			return;
		if (kind == NAME_OF_HOST) {
			name_take(name, text.at, text.left);
			return;
		}
	}
}

static int read_hello(struct piece hello, struct host_name *name)
{
	struct piece passed, extensions, extension;
	/* Session, ciphers, compression. */
	if (!skip(&hello, HELLO_BEGIN) || !take(&hello, 1, &passed) || !take(&hello, 2, &passed) || !take(&hello, 1, &passed))
		return -1;
	if (!take(&hello, 2, &extensions))
		return 1;
	while (extensions.left >= 2) {
		unsigned kind = (unsigned)extensions.at[0] << 8 | extensions.at[1];
		if (!skip(&extensions, 2) || !take(&extensions, 2, &extension))
			return -1;
		if (kind == EXTENSION_SERVER_NAME) {
			read_names(extension, name);
			return 1;
		}
	}
	return 1;
}

/* A message's bytes without those of records, as far as they have come. */
struct message {
	size_t length;
	uint8_t bytes[TLS_RECORD_MAX];
};

static void add(struct message *message, const uint8_t *bytes, size_t length)
{
	size_t room = sizeof message->bytes - message->length;
	memcpy(message->bytes + message->length, bytes, length < room ? length : room);
	message->length += length < room ? length : room;
}

/* 1: it is whole; 0: there is to be more of it; -1: it is none, or too long. */
static int judge(const struct message *message)
{
	const uint8_t *bytes = message->bytes;
	if (message->length && bytes[0] != CLIENT_HELLO)
		return -1;
	if (message->length < MESSAGE_HEAD)
		return 0;
	size_t size = (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
	return size > sizeof message->bytes - MESSAGE_HEAD ? -1 : message->length - MESSAGE_HEAD >= size;
}

/* Takes a record off, or what has come of it. 1: it was whole; 0: there is to be more of it; -1: it is none. */
static int take_record(struct piece *from, struct message *message)
{
	/* Its version is that of all since SSL 3. */
	if ((from->left > 0 && from->at[0] != RECORD_HANDSHAKE) || (from->left > 1 && from->at[1] != 3))
		return -1;
	if (from->left < TLS_HEAD)
		return 0;
	size_t size = (size_t)from->at[3] << 8 | from->at[4], come = from->left - TLS_HEAD;
	if (!size || size > TLS_RECORD_MAX)
		return -1;
	add(message, from->at + TLS_HEAD, come < size ? come : size);
	return skip(from, TLS_HEAD + size);
}

int tls_name(const uint8_t *bytes, size_t length, struct host_name *name)
{
	struct piece records = { bytes, length }, hello;
	struct message message = { .length = 0 };
	int whole, more;
	name_take(name, bytes, 0);
	do {
		more = take_record(&records, &message);
		whole = more < 0 ? -1 : judge(&message);
	} while (more > 0 && !whole);
	struct piece body = { message.bytes + 1, message.length ? message.length - 1 : 0 };
	return whole <= 0 ? whole : take(&body, 3, &hello) ? read_hello(hello, name) : -1;
}
