/* Reads a ClientHello (RFC 8446, 4.1.2) that is in one record, as those of all clients are that we know of. */
#include "front/tls.h"

#include <string.h>

#define RECORD_HANDSHAKE 22
#define CLIENT_HELLO 1
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

int tls_name(const uint8_t *bytes, size_t length, struct host_name *name)
{
	struct piece hello;
	name_take(name, bytes, 0);
	/* Its version is that of all since SSL 3. */
	if ((length > 0 && bytes[0] != RECORD_HANDSHAKE) || (length > 1 && bytes[1] != 3))
		return -1;
	if (length < TLS_HEAD)
		return 0;
	size_t size = (size_t)bytes[3] << 8 | bytes[4];
	if (!size || size > TLS_RECORD_MAX || (length > TLS_HEAD && bytes[TLS_HEAD] != CLIENT_HELLO))
		return -1;
	if (length < TLS_HEAD + size)
		return 0;
	struct piece record = { bytes + TLS_HEAD + 1, size - 1 };
	return take(&record, 3, &hello) ? read_hello(hello, name) : -1;
}
