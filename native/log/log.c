/*
 * The container's log in CRI format: `<RFC3339Nano> <stdout|stderr> <F|P> <bytes>\n`. Lines are gathered and written
 * together; all lines of one read bear one time. While nothing can be written, lines are kept as far as the buffer goes
 * and tried again; those that come after are lost, counted, and told of in the log itself when there is room again: the
 * container never waits for the disk.
 */
#include "log/log.h"
#include "core/clock.h"
#include "core/io.h"
#include "core/sys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_SIZE (256 * 1024)
#define PREFIX_MAX 64
#define GAP_MAX 128
/* How many times larger a file may become than what the container wrote in it. */
#define STORED_FACTOR 4
/* How long after a failed write the next is tried. */
#define RETRY 200000000ULL

int log_open(struct log *log)
{
	log->fd = -1;
	if (!log->path[0])
		return 0;
	if (!log->buffer && !(log->buffer = malloc(BUFFER_SIZE)))
		return -ENOMEM;
	/* Rotation happens between two writes, so a write must not be larger than a file may be. */
	log->flush_at = log->max_size && log->max_size < BUFFER_SIZE / 2 ? log->max_size : BUFFER_SIZE / 2;
	return log_open_files(log);
}

/* A file is full by what the container wrote. Short lines must not make it many times larger on the disk. */
static bool is_full(const struct log *log)
{
	const struct log_part *part = &log->part;
	if (!log->max_size || !part->bytes)
		return false;
	return part->bytes + log->bytes > log->max_size || part->size + log->length > STORED_FACTOR * log->max_size;
}

/* Says in the log where lines are missing. The buffer is empty. */
static void put_gap(struct log *log)
{
	clock_text(log->stamp);
	int length = snprintf(log->buffer, PREFIX_MAX + GAP_MAX, "%s stderr F tscompose: lines missing here: %llu (%s)\n",
			      log->stamp, (unsigned long long)log->missing, strerror(-log->error));
	log->length = (size_t)length < PREFIX_MAX + GAP_MAX ? (size_t)length : PREFIX_MAX + GAP_MAX - 1;
	log->lines = log->entries = 1;
	log->bytes = 0;
	log->missing = 0;
}

/* No half line stays behind, and the lines stay in the buffer. */
static void write_failed(struct log *log, int error)
{
	log->error = error;
	log->retry_at = boot_nanoseconds() + RETRY;
	if (log->fd >= 0 && ftruncate(log->fd, (off_t)log->part.size))
		close(log->fd), log->fd = -1;
}

void log_flush(struct log *log)
{
	if (!log->length || (log->retry_at && boot_nanoseconds() < log->retry_at))
		return;
	if (log->fd >= 0 && is_full(log))
		log_rotate(log);
	/* After a full disk, or a failed rotation, every flush is a new try. */
	if (log->fd < 0 && log->path[0])
		(void)log_open(log);
	int error = log->fd < 0 ? -EBADF : write_all(log->fd, log->buffer, log->length);
	if (error) {
		write_failed(log, error);
		return;
	}
	log->part.size += log->length;
	log->part.lines += log->lines;
	log->part.bytes += log->bytes;
	log->length = 0;
	log->lines = log->entries = 0;
	log->bytes = 0;
	log->retry_at = 0;
	if (log->missing) {
		put_gap(log);
		log_flush(log);
	}
}

void log_end(struct log *log)
{
	log->retry_at = 0;
	log_flush(log);
	log->dropped += log->entries;
	log->length = 0;
	log->lines = log->entries = 0;
	log->bytes = 0;
	log->retry_at = 0;
}

static void put(struct log *log, const void *bytes, size_t length)
{
	memcpy(log->buffer + log->length, bytes, length);
	log->length += length;
}

/* One line of the log, made of what was pending and a piece that follows it. */
static void put_line(struct log *log, struct stream *stream, bool whole, const char *bytes, size_t length)
{
	size_t need = PREFIX_MAX + stream->pending_length + length;
	if (log->length && log->length + need > log->flush_at)
		log_flush(log);
	if (log->length && log->length + need > log->flush_at) {
		log->missing++;
		log->dropped++;
		stream->pending_length = 0;
		return;
	}
	put(log, log->stamp, strlen(log->stamp));
	put(log, stream->number == 2 ? " stderr " : " stdout ", 8);
	put(log, whole ? "F " : "P ", 2);
	put(log, stream->pending, stream->pending_length);
	put(log, bytes, length);
	put(log, "\n", 1);
	log->bytes += stream->pending_length + length + (whole ? 1 : 0);
	log->lines += whole ? 1 : 0;
	log->entries++;
	stream->pending_length = 0;
}

void log_write(struct log *log, struct stream *stream, const char *bytes, size_t length)
{
	const char *end = bytes + length;
	if (!log->path[0] || !log->buffer)
		return;
	clock_text(log->stamp);
	while (bytes < end) {
		size_t room = LINE_MAX_BYTES - stream->pending_length;
		size_t look = (size_t)(end - bytes) < room ? (size_t)(end - bytes) : room;
		const char *newline = memchr(bytes, '\n', look);
		if (newline) {
			put_line(log, stream, true, bytes, (size_t)(newline - bytes));
			bytes = newline + 1;
		} else if (look == room) {
			put_line(log, stream, false, bytes, look);
			bytes += look;
		} else {
			memcpy(stream->pending + stream->pending_length, bytes, look);
			stream->pending_length += look;
			bytes += look;
		}
	}
}

void log_end_line(struct log *log, struct stream *stream)
{
	if (!log->buffer || !stream->pending_length)
		return;
	clock_text(log->stamp);
	put_line(log, stream, false, "", 0);
}
