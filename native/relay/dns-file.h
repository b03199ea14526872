/* A names file: its text, kept as long as it has not changed, and where each name is in it. */
#ifndef TSCOMPOSE_RELAY_DNS_FILE_H
#define TSCOMPOSE_RELAY_DNS_FILE_H

#include "relay/dns.h"

/* A line cut into its fields; the fields are not NUL-terminated. */
struct names_line {
	char kind;
	const char *first, *second;
	size_t first_length, second_length;
};

/* Whether a file is the one that was seen before, as far as its numbers tell. */
bool file_is_same(const struct stat *a, const struct stat *b);
/* Reads the whole file, as large as fstat has told and no larger, with room for a NUL. NULL when that can't be done. */
char *file_read_whole(int fd, size_t length);
/* Forgets what was read; the folder stays open. */
void names_clear(struct names_file *names);
/* Reads the file again where it has changed. */
void names_refresh(struct names_file *names);
/* Takes the next whole line of the text; false at its end. */
bool names_next_line(const char **cursor, const char *end, struct names_line *line);
/* Of a name in lower case: `mask` makes a bucket's number of it. */
uint32_t names_hash(const char *name, size_t length);

#endif
