/* Reads the first lines of a request, and keeps nothing but the name of the host. HTTP/2 without TLS packs its names, and says them late: it is not read. */
#include "front/http.h"

#include <string.h>
#include <strings.h>

/* A head in which no host has been said until here is given up. */
#define HEAD_MAX 8192
/* The longest method that anybody has registered has 17. */
#define METHOD_MAX 24

static size_t method_length(const uint8_t *bytes, size_t length)
{
	size_t at = 0;
	while (at < length && at < METHOD_MAX && ((bytes[at] >= 'A' && bytes[at] <= 'Z') || bytes[at] == '-'))
		at++;
	return at;
}

/* Whether a line may be, or become, the first of a request. */
static bool may_begin(const uint8_t *bytes, size_t length)
{
	size_t method = method_length(bytes, length);
	return method == length ? method < METHOD_MAX : method && bytes[method] == ' ';
}

static bool is_first_line(const uint8_t *line, size_t length)
{
	static const char version[] = " HTTP/1.";
	size_t tail = sizeof version; /* with its last digit */
	return may_begin(line, length) && length > tail && !memcmp(line + length - tail, version, tail - 1);
}

static bool is_blank(uint8_t byte)
{
	return byte == ' ' || byte == '\t';
}

/* `Host: name`. */
static bool is_host(const uint8_t *line, size_t length, struct host_name *name)
{
	static const char field[] = "host:";
	size_t at = sizeof field - 1;
	if (length < at || strncasecmp((const char *)line, field, at))
		return false;
	while (at < length && is_blank(line[at]))
		at++;
	while (length > at && is_blank(line[length - 1]))
		length--;
	name_take(name, line + at, length - at);
	return true;
}

int http_host(const uint8_t *bytes, size_t length, struct host_name *name)
{
	size_t size = length < HEAD_MAX ? length : HEAD_MAX, at = 0;
	name_take(name, bytes, 0);
	for (;;) {
		const uint8_t *line = bytes + at, *end = memchr(line, '\n', size - at);
		if (!end)
			return size == HEAD_MAX || (!at && !may_begin(bytes, size)) ? -1 : 0;
		size_t text = (size_t)(end - line);
		if (text && line[text - 1] == '\r')
			text--;
		if (!at && !is_first_line(line, text))
			return -1;
		if (at && (!text || is_host(line, text, name)))
			return 1;
		at = (size_t)(end - bytes) + 1;
	}
}
