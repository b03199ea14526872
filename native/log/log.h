/* The container's log. */
#ifndef TSCOMPOSE_LOG_H
#define TSCOMPOSE_LOG_H

#include "log/files.h"

/* CRI logs split lines into pieces of so many bytes. */
#define LINE_MAX_BYTES 16384

/* Where the container's output comes from. */
struct stream {
	int fd; /* -1: ended */
	int number; /* 1 stdout or terminal, 2 stderr */
	size_t pending_length; /* of a line without its end */
	char *pending;
};

int log_open(struct log *log);
/* Takes output as it comes. The end of the last line may be missing: it is kept until it comes. */
void log_write(struct log *log, struct stream *stream, const char *bytes, size_t length);
/* The container has ended: what is pending will get no end. */
void log_end_line(struct log *log, struct stream *stream);
void log_flush(struct log *log);
/* The last try; lines that cannot be written now are lost. */
void log_end(struct log *log);

#endif
