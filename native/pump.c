/* Copies between a process and our own stdio until the process has ended; obeys signals and sizes from the control fd. */
#include "core.h"
#include "protocol.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>

enum { OUT, ERR, IN, CONTROL, ENDED, SOURCES };

struct pump {
	struct state *state;
	int input; /* the process's stdin or terminal; -1: closed */
	bool input_is_terminal;
	struct pollfd sources[SOURCES];
	uint8_t frame[FRAME_HEAD + 8];
	size_t frame_length;
};

/* Copies one chunk; 0 at the end of the source, negative when there is nothing now. */
static int copy_chunk(int from, int to)
{
	char bytes[65536];
	ssize_t count = read(from, bytes, sizeof bytes);
	if (count < 0)
		/* EIO: the other end of a terminal was closed. */
		return errno == EAGAIN || errno == EINTR ? -EAGAIN : 0;
	if (count > 0)
		/* A reader that went away must not end the process: what it writes is dropped. */
		(void)write_all(to, bytes, (size_t)count);
	return (int)count;
}

static void close_input(struct pump *pump)
{
	if (!pump->input_is_terminal && pump->input >= 0)
		close(pump->input);
	pump->input = -1;
	pump->sources[IN].fd = -1;
}

static void obey(struct pump *pump)
{
	const uint8_t *payload = pump->frame + FRAME_HEAD;
	if (pump->frame[0] == REQUEST_SIGNAL)
		sys_pidfd_send_signal(pump->state->process.pidfd, (int)load_u32(payload));
	if (pump->frame[0] == REQUEST_RESIZE && pump->state->process.terminal >= 0) {
		struct winsize size = { .ws_row = (unsigned short)load_u32(payload),
					.ws_col = (unsigned short)load_u32(payload + 4) };
		ioctl(pump->state->process.terminal, TIOCSWINSZ, &size);
	}
}

/* Frames on the control fd are all of one length: head and two numbers. 0 when it was closed. */
static int read_control(struct pump *pump, int control)
{
	ssize_t count = read(control, pump->frame + pump->frame_length, sizeof pump->frame - pump->frame_length);
	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return 1;
	if (count <= 0)
		return 0;
	pump->frame_length += (size_t)count;
	if (pump->frame_length == sizeof pump->frame) {
		obey(pump);
		pump->frame_length = 0;
	}
	return 1;
}

/* Takes what is left in pipes when the process has ended; others may hold their other ends, so EAGAIN is the end. */
static void drain(struct pump *pump)
{
	for (int i = OUT; i <= ERR; i++) {
		int fd = pump->sources[i].fd;
		if (fd < 0)
			continue;
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
		while (copy_chunk(fd, STDOUT_FILENO + i) > 0)
			;
	}
}

/* 1: go on, 0: the process has ended, negative: the control fd was closed by a mode that must not outlive it. */
static int serve(struct pump *pump)
{
	struct pollfd *at = pump->sources;
	for (int i = OUT; i <= ERR; i++)
		if (at[i].revents && copy_chunk(at[i].fd, STDOUT_FILENO + i) == 0)
			at[i].fd = -1;
	if (at[IN].revents && copy_chunk(STDIN_FILENO, pump->input) == 0)
		close_input(pump);
	if (at[CONTROL].revents && !read_control(pump, at[CONTROL].fd)) {
		at[CONTROL].fd = -1;
		if (pump->state->die_with_parent)
			return -EPIPE;
	}
	return at[ENDED].revents ? 0 : 1;
}

int pump(struct state *state, const int outputs[2], int input, int control)
{
	struct pump pump = { .state = state, .input = input, .input_is_terminal = state->process.terminal >= 0 };
	const int fds[SOURCES] = { outputs[0], outputs[1], input < 0 ? -1 : STDIN_FILENO, control, state->process.pidfd };
	for (int i = 0; i < SOURCES; i++)
		pump.sources[i] = (struct pollfd){ fds[i], POLLIN, 0 };
	int going = 1;
	while (going > 0) {
		if (poll(pump.sources, SOURCES, -1) < 0 && errno != EINTR)
			return -errno;
		going = serve(&pump);
	}
	if (going == 0)
		drain(&pump);
	close_input(&pump);
	return going;
}
