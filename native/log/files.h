/* The files of a log: which are there, which is written, which may go. */
#ifndef TSCOMPOSE_LOG_FILES_H
#define TSCOMPOSE_LOG_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/clock.h"

/* One file of a log. Lines and bytes are the container's: what it wrote, without what we write beside it. */
struct log_part {
	uint64_t number;
	uint64_t lines_before; /* in all files before this one */
	uint64_t bytes_before;
	uint64_t size; /* of the file */
	uint64_t lines;
	uint64_t bytes;
};

struct log {
	const char *path; /* empty: nothing is logged */
	int fd;
	struct log_part part; /* the file that is written */
	uint64_t oldest; /* number of the oldest file that is there */
	uint64_t surplus_from; /* files before this number are there only for followers */
	uint64_t surplus; /* bytes of those */
	uint64_t wanted_from; /* the number that a follower still needs; 0: none */
	uint64_t max_size; /* of the container's bytes in a file */
	uint32_t max_files;
	size_t flush_at;
	size_t length;
	uint64_t bytes; /* of the container, in the buffer */
	uint64_t entries; /* in the buffer */
	uint64_t lines; /* that end in the buffer */
	uint64_t missing; /* lines lost since the last write, not told of in the log yet */
	uint64_t dropped; /* lines lost because nothing could be written */
	uint64_t told; /* of them, those that the status knows */
	uint64_t retry_at; /* boottime, ns: the next try after a failed write; 0: the last went well */
	int error; /* of the last failed write */
	char stamp[CLOCK_TEXT]; /* the time that entries get */
	char *buffer;
};

/* Opens the file that is written, the first or where the last monitor ended. */
int log_open_files(struct log *log);
/* The present file gets its number and the next takes its place. What fails keeps the file in use. */
void log_rotate(struct log *log);
/* Removes what is neither to be kept nor still to be read. */
void log_prune(struct log *log);

#endif
