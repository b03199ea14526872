/* Numbers of the host's files and of control groups. What is missing, or cannot be read any more, is absent. */
#ifndef TSCOMPOSE_PROCFS_SOURCES_H
#define TSCOMPOSE_PROCFS_SOURCES_H

#include "procfs/config.h"

#include <stddef.h>

/* More than any file of /proc that is served has, but cpuinfo of a thousand processors, whose rest is left out. */
#define TEXT_MAX (512u * 1024)
/* A number that a file does not have, or `max`. */
#define UNKNOWN UINT64_MAX

/* Text that is being made; what does not fit is left out, and the text is whole lines all the same. */
struct page {
	char *bytes;
	size_t length;
};

/* Where one container's numbers come from. */
struct sources {
	struct procfs_shared *shared;
	int files[SOURCE_COUNT]; /* -1: it has none */
	char *scratch; /* TEXT_MAX, the server's: the last file that was read whole */
};

/* Adds a line, or several. */
void say(struct page *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Reads a whole file into the scratch, with a NUL; its length, 0 when it is absent. */
size_t source_text(const struct sources *sources, enum source source);
/* The first number of a file. */
uint64_t source_number(const struct sources *sources, enum source source);
/* The numbers N of lines `key N`, by key; UNKNOWN for those that it does not have. */
void source_table(const struct sources *sources, enum source source, const char *const *keys, size_t count, uint64_t *values);

uint64_t least(uint64_t a, uint64_t b);
/* a - b, but at least 0. */
uint64_t minus(uint64_t a, uint64_t b);
/* 0 for what is unknown. */
uint64_t known(uint64_t value);

#endif
