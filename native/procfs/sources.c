/* Numbers of the host's files and of control groups. */
#include "procfs/sources.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void say(struct page *text, const char *format, ...)
{
	va_list values;
	va_start(values, format);
	int length = vsnprintf(text->bytes + text->length, TEXT_MAX - text->length, format, values);
	va_end(values);
	if (length > 0 && (size_t)length < TEXT_MAX - text->length)
		text->length += (size_t)length;
}

/* Files of the kernel are given in pieces of a page or so. */
static size_t read_whole(int file, char *bytes, size_t size)
{
	size_t length = 0;
	ssize_t count;
	while (length + 1 < size && (count = pread(file, bytes + length, size - 1 - length, (off_t)length)) > 0)
		length += (size_t)count;
	bytes[length] = 0;
	return length;
}

size_t source_text(const struct sources *sources, enum source source)
{
	return read_whole(sources->files[source], sources->scratch, TEXT_MAX);
}

static uint64_t number_at(const char *text)
{
	return *text < '0' || *text > '9' ? UNKNOWN : strtoull(text, NULL, 10);
}

uint64_t source_number(const struct sources *sources, enum source source)
{
	char text[128];
	return read_whole(sources->files[source], text, sizeof text) ? number_at(text) : UNKNOWN;
}

void source_table(const struct sources *sources, enum source source, const char *const *keys, size_t count, uint64_t *values)
{
	for (size_t i = 0; i < count; i++)
		values[i] = UNKNOWN;
	source_text(sources, source);
	for (const char *line = sources->scratch; *line; line += strcspn(line, "\n"), line += *line == '\n')
		for (size_t i = 0; i < count; i++) {
			size_t length = strlen(keys[i]);
			if (!strncmp(line, keys[i], length) && line[length] == ' ')
				values[i] = number_at(line + length + 1);
		}
}

uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t minus(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

uint64_t known(uint64_t value)
{
	return value == UNKNOWN ? 0 : value;
}
