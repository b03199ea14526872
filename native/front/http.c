/* Reads the first lines of a request, and keeps nothing but the name of the host. HTTP/2 without TLS packs its names, and says them late: it is not read. */
#include "front/http.h"

#include <string.h>
#include <strings.h>

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

static size_t span(const uint8_t *bytes, size_t length, const char *end)
{
	size_t at = 0;
	while (at < length && !memchr(end, bytes[at], strlen(end)))
		at++;
	return at;
}

/* `GET http://user@name:80/path HTTP/1.1`, whose host counts whatever Host says (RFC 9112, 3.2.2). */
static bool names_host(const uint8_t *line, size_t length, struct host_name *name)
{
	static const char mark[] = "://";
	size_t method = method_length(line, length) + 1;
	const uint8_t *target = line + method;
	size_t left = span(target, length - method, " "), scheme = span(target, left, ":/?#"), user;
	if (!scheme || left - scheme < sizeof mark - 1 || memcmp(target + scheme, mark, sizeof mark - 1))
		return false;
	target += scheme + sizeof mark - 1;
	left = span(target, left - scheme - (sizeof mark - 1), "/?#");
	user = span(target, left, "@");
	if (user < left)
		target += user + 1, left -= user + 1;
	name_take(name, target, left);
	return true;
}

/* Empty lines before a request are no part of it (RFC 9112, 2.2). */
static size_t skip_empty(const uint8_t *bytes, size_t length)
{
	size_t at = 0;
	while (at < length && (bytes[at] == '\n' || (bytes[at] == '\r' && (at + 1 == length || bytes[at + 1] == '\n'))))
		at++;
	return at;
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
	size_t size = length < HTTP_HEAD_MAX ? length : HTTP_HEAD_MAX, begin = skip_empty(bytes, size), at = begin;
	name_take(name, bytes, 0);
	for (;;) {
		const uint8_t *line = bytes + at, *end = memchr(line, '\n', size - at);
		if (!end && at == begin && !may_begin(line, size - at))
			return -1;
		if (!end)
			return size == HTTP_HEAD_MAX ? HTTP_HEAD_LONG : 0;
		size_t text = (size_t)(end - line);
		if (text && line[text - 1] == '\r')
			text--;
		if (at == begin && !is_first_line(line, text))
			return -1;
		if (at == begin ? names_host(line, text, name) : !text || is_host(line, text, name))
			return 1;
		at = (size_t)(end - bytes) + 1;
	}
}
