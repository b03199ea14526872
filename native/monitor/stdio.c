/*
 * The container's stdio. stdout and stderr are pipes that stay open for reading and writing on the container's side:
 * when the monitor dies nobody gets SIGPIPE. With a terminal there is the pty alone.
 */
#include "monitor/stdio.h"
#include "core/sys.h"
#include "monitor/state.h"
#include "monitor/stdin.h"
#include "ops/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define PIPE_SIZE (256 * 1024)

/*
 * Makes a pipe that is open for reading and writing on the container's side, so that it never ends. It has no name: what
 * /proc/1/fd/1 shows inside is no path of the host. Whoever has the pipe can reopen it through /proc/<pid>/fd.
 */
static int open_pipe(const struct monitor *monitor, int *reader)
{
	char path[32];
	int ends[2], error = stdio_pipe(monitor->state, ends);
	if (error)
		return error;
	snprintf(path, sizeof path, "/proc/self/fd/%d", ends[1]);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	error = fd < 0 ? -errno : 0;
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

int stdio_before_launch(struct monitor *monitor)
{
	int ends[2], error;
	struct state *state = monitor->state;
	state->rows = monitor->settings.rows;
	state->cols = monitor->settings.cols;
	if (!monitor->settings.open_stdin || monitor->settings.tty || state->stdio[0] >= 0)
		return 0;
	if ((error = stdio_pipe(state, ends)))
		return error;
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
	stdin_flush(monitor);
}

void stdio_resize(struct monitor *monitor, uint16_t rows, uint16_t cols)
{
	const struct winsize size = { .ws_row = rows, .ws_col = cols };
	monitor->settings.rows = rows;
	monitor->settings.cols = cols;
	if (monitor->state->process.terminal >= 0 && rows && cols)
		ioctl(monitor->state->process.terminal, TIOCSWINSZ, &size);
}

