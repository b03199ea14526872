/*
 * The container's stdio. stdout and stderr are pipes that stay open for reading and writing on the container's side:
 * when the monitor dies nobody gets SIGPIPE. With a terminal there is the pty alone.
 */
#include "monitor/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define PIPE_SIZE (256 * 1024)
#define STDIN_PENDING_MAX (256u * 1024)
/* Reads of what is left when the container has ended: a process outside of it may write for ever. */
#define DRAIN_READS 64

/*
 * Makes a pipe that is open for reading and writing on the container's side, so that it never ends. It has no name: what
 * /proc/1/fd/1 shows inside is no path of the host. Whoever has the pipe can reopen it through /proc/<pid>/fd.
 */
static int open_pipe(const struct monitor *monitor, int *reader)
{
	char path[32];
	int ends[2];
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	snprintf(path, sizeof path, "/proc/self/fd/%d", ends[1]);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	int error = fd < 0 ? -errno : 0;
	close(ends[1]);
	/* The reading end has a file description of its own, for the container's must stay blocking. */
	if (!error && (fchown(fd, monitor->settings.owner_uid, monitor->settings.owner_gid) ||
		       fcntl(ends[0], F_SETFL, O_NONBLOCK)))
		error = -errno;
	if (error) {
		close(ends[0]);
		if (fd >= 0)
			close(fd);
		return error;
	}
	fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE); /* more room for bursts, where the limits allow it */
	*reader = ends[0];
	return fd;
}

int stdio_prepare(struct monitor *monitor)
{
	if (!(monitor->read_buffer = malloc(READ_MAX)))
		return -ENOMEM;
	for (int i = 0; i < 2; i++) {
		struct stream *stream = &monitor->streams[i];
		stream->number = i + 1;
		stream->fd = -1;
		if (!(stream->pending = malloc(LINE_MAX_BYTES)))
			return -ENOMEM;
		if (monitor->settings.tty)
			continue;
		int fd = open_pipe(monitor, &stream->fd);
		if (fd < 0)
			return fd;
		monitor->state->stdio[i + 1] = fd;
	}
	return 0;
}

/* A new stdin for each start: what was closed before is open again. */
int stdio_before_launch(struct monitor *monitor)
{
	int ends[2];
	struct state *state = monitor->state;
	state->rows = monitor->settings.rows;
	state->cols = monitor->settings.cols;
	if (!monitor->settings.open_stdin || monitor->settings.tty || state->stdio[0] >= 0)
		return 0;
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	state->stdio[0] = ends[0];
	monitor->stdin_writer = ends[1];
	return 0;
}

void stdio_after_launch(struct monitor *monitor)
{
	struct state *state = monitor->state;
	if (state->stdio[0] >= 0)
		close(state->stdio[0]);
	state->stdio[0] = -1;
	if (state->process.terminal < 0)
		return;
	fcntl(state->process.terminal, F_SETFL, O_RDWR | O_NONBLOCK);
	monitor->streams[0].fd = state->process.terminal;
	if (monitor->settings.open_stdin)
		monitor->stdin_writer = state->process.terminal;
	stdio_flush_stdin(monitor);
}

void stdio_resize(struct monitor *monitor, uint16_t rows, uint16_t cols)
{
	const struct winsize size = { .ws_row = rows, .ws_col = cols };
	monitor->settings.rows = rows;
	monitor->settings.cols = cols;
	if (monitor->state->process.terminal >= 0 && rows && cols)
		ioctl(monitor->state->process.terminal, TIOCSWINSZ, &size);
}

/* While input waits for the container, no more is taken from the engine. */
bool stdio_full(const struct monitor *monitor)
{
	return monitor->stdin_pending.length >= STDIN_PENDING_MAX / 2;
}

void stdio_feed(struct monitor *monitor, const void *bytes, size_t length)
{
	bool lost = !monitor->settings.open_stdin || (monitor->phase != PHASE_CREATED && monitor->stdin_writer < 0);
	if (lost || buffer_append(&monitor->stdin_pending, bytes, length, STDIN_PENDING_MAX))
		return;
	stdio_flush_stdin(monitor);
}

static void end_stdin(struct monitor *monitor)
{
	if (monitor->stdin_writer >= 0 && !monitor->settings.tty)
		close(monitor->stdin_writer);
	monitor->stdin_writer = -1;
	monitor->stdin_pending.length = 0;
	monitor->stdin_closing = false;
}

void stdio_flush_stdin(struct monitor *monitor)
{
	struct buffer *pending = &monitor->stdin_pending;
	while (monitor->stdin_writer >= 0 && pending->length) {
		ssize_t count = write(monitor->stdin_writer, pending->bytes, pending->length);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0 && errno == EAGAIN)
			return;
		if (count < 0)
			end_stdin(monitor);
		else
			buffer_consume(pending, (size_t)count);
	}
	if (monitor->stdin_writer >= 0 && monitor->stdin_closing)
		end_stdin(monitor);
}

/* Ends stdin once everything before was handed over, which may be after the start. */
void stdio_close_stdin(struct monitor *monitor)
{
	if (monitor->settings.tty)
		return;
	monitor->stdin_closing = true;
	stdio_flush_stdin(monitor);
}

static void forward(struct monitor *monitor, struct stream *stream, const char *bytes, size_t length)
{
	for (unsigned i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection *connection = &monitor->connections[i];
		for (size_t at = 0; connection->fd >= 0 && connection->attached && at < length;) {
			size_t part = length - at < FRAME_MAX ? length - at : FRAME_MAX;
			control_send(monitor, connection, MESSAGE_OUTPUT, (unsigned)stream->number, bytes + at, part);
			at += part;
		}
	}
}

/* One read; 1: there was something. */
static int read_once(struct monitor *monitor, struct stream *stream)
{
	char *bytes = monitor->read_buffer;
	ssize_t count = stream->fd < 0 ? -1 : read(stream->fd, bytes, READ_MAX);
	if (count > 0) {
		control_keep_followed(monitor);
		log_write(&monitor->log, stream, bytes, (size_t)count);
		forward(monitor, stream, bytes, (size_t)count);
		return 1;
	}
	/* EIO: nobody has the terminal open any more. The fd itself belongs to the process. */
	if (count == 0 || (stream->fd >= 0 && errno != EAGAIN && errno != EINTR))
		stream->fd = monitor->settings.tty ? -1 : stream->fd;
	return 0;
}

void stdio_read(struct monitor *monitor, struct stream *stream)
{
	if (!read_once(monitor, stream))
		return;
	/* Small writes are logged at once, a flood in large pieces. */
	log_flush(&monitor->log);
	if (monitor->log.retry_at || control_held_until(monitor))
		life_arm_timer(monitor);
}

/* The container has ended: takes what it left, and ends its last lines. */
void stdio_drain(struct monitor *monitor)
{
	for (int i = 0; i < 2; i++) {
		for (int reads = 0; reads < DRAIN_READS && read_once(monitor, &monitor->streams[i]); reads++)
			;
		log_end_line(&monitor->log, &monitor->streams[i]);
	}
	log_flush(&monitor->log);
	if (monitor->settings.tty) {
		monitor->streams[0].fd = -1;
		monitor->stdin_writer = -1;
	} else {
		end_stdin(monitor);
	}
}
