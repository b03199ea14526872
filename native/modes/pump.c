/*
 * Copies between a process and our own stdio until the process has ended; obeys signals and sizes from the control fd.
 * Nothing here blocks: a command that does not read its input, or a reader that does not take its output, holds up the
 * one stream alone.
 */
#include "modes/pump.h"
#include "core/protocol.h"
#include "core/state.h"
#include "core/sys.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>

#define CHUNK 65536
/* Reads of what is left when the process has ended. */
#define DRAIN_READS 64

enum { OUT, ERR, IN, DIRECTIONS };
enum { CONTROL = DIRECTIONS, ENDED, SOURCES };

/* One direction. It reads when nothing waits to be written: so much, and no more, is on its way. */
struct direction {
	int from; /* -1: at its end */
	int to; /* -1: nobody takes it any more, what comes is dropped */
	size_t start, end; /* of what waits to be written */
	uint8_t bytes[CHUNK];
};

struct pump {
	struct state *state;
	struct direction directions[DIRECTIONS];
	int control; /* -1: closed */
	uint8_t frame[FRAME_HEAD + 8];
	size_t frame_length;
};

static bool later(void)
{
	return errno == EAGAIN || errno == EINTR;
}

/* Writes what waits. A taker that has gone must not end the process: what it would have got is dropped. */
static void flush(struct direction *direction)
{
	while (direction->start < direction->end) {
		const uint8_t *from = direction->bytes + direction->start;
		ssize_t count = direction->to < 0 ? -1 : write(direction->to, from, direction->end - direction->start);
		if (count < 0 && direction->to >= 0 && later())
			return;
		if (count < 0)
			direction->to = -1;
		direction->start = count < 0 ? direction->end : direction->start + (size_t)count;
	}
}

/* Reads once, when there is room, and writes what it can. False: there was nothing. */
static bool advance(struct direction *direction)
{
	flush(direction);
	if (direction->from < 0 || direction->start < direction->end)
		return false;
	ssize_t count = read(direction->from, direction->bytes, CHUNK);
	if (count < 0 && later())
		return false;
	/* EIO: the other end of a terminal was closed. */
	if (count <= 0) {
		direction->from = -1;
		return false;
	}
	direction->start = 0;
	direction->end = (size_t)count;
	flush(direction);
	return true;
}

/* The command's input ends once it has all of ours. A terminal does not: its output comes by the same fd. */
static void advance_input(struct pump *pump, int *input)
{
	struct direction *direction = &pump->directions[IN];
	advance(direction);
	bool over = direction->to < 0 || (direction->from < 0 && direction->start == direction->end);
	if (!over || *input < 0)
		return;
	if (pump->state->process.terminal < 0)
		close(*input);
	*input = direction->to = -1;
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
static int read_control(struct pump *pump)
{
	ssize_t count = read(pump->control, pump->frame + pump->frame_length, sizeof pump->frame - pump->frame_length);
	if (count < 0 && later())
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

/*
 * Takes what is left in pipes when the process has ended, however slow its readers are. Others may hold the pipes' other
 * ends and write for ever, so "nothing now" is the end, and so are so many reads.
 */
static void drain(struct pump *pump)
{
	for (int reads = 0; reads < DRAIN_READS;) {
		struct pollfd waiting[2];
		bool more = false;
		for (int i = OUT; i <= ERR; i++) {
			struct direction *direction = &pump->directions[i];
			more |= advance(direction);
			waiting[i] = (struct pollfd){ direction->start < direction->end ? direction->to : -1, POLLOUT, 0 };
		}
		if (more)
			reads++;
		else if (waiting[OUT].fd < 0 && waiting[ERR].fd < 0)
			return;
		else
			poll(waiting, 2, -1);
	}
}

static void fill_polls(const struct pump *pump, struct pollfd polls[SOURCES])
{
	for (int i = 0; i < DIRECTIONS; i++) {
		const struct direction *direction = &pump->directions[i];
		bool waits = direction->start < direction->end;
		polls[i] = (struct pollfd){ waits ? direction->to : direction->from, waits ? POLLOUT : POLLIN, 0 };
	}
	polls[CONTROL] = (struct pollfd){ pump->control, POLLIN, 0 };
	polls[ENDED] = (struct pollfd){ pump->state->process.pidfd, POLLIN, 0 };
}

/* 1: go on, 0: the process has ended, negative: the control fd was closed by a mode that must not outlive it. */
static int serve(struct pump *pump, const struct pollfd polls[SOURCES], int *input)
{
	for (int i = OUT; i <= ERR; i++)
		if (polls[i].revents)
			advance(&pump->directions[i]);
	/* Input waits for what was asked before it: who sets a size and then types finds the size set. */
	if (polls[CONTROL].revents) {
		if (!read_control(pump)) {
			pump->control = -1;
			if (pump->state->die_with_parent)
				return -EPIPE;
		}
	} else if (polls[IN].revents) {
		advance_input(pump, input);
	}
	return polls[ENDED].revents ? 0 : 1;
}

static void make_direction(struct direction *direction, int from, int to)
{
	direction->from = from;
	direction->to = to;
	direction->start = direction->end = 0;
	if (from >= 0)
		fcntl(from, F_SETFL, fcntl(from, F_GETFL) | O_NONBLOCK);
	if (to >= 0)
		fcntl(to, F_SETFL, fcntl(to, F_GETFL) | O_NONBLOCK);
}

int pump(struct state *state, const int outputs[2], int input, int control)
{
	struct pollfd polls[SOURCES];
	struct pump pump;
	pump.state = state;
	pump.control = control;
	pump.frame_length = 0;
	make_direction(&pump.directions[OUT], outputs[0], STDOUT_FILENO);
	make_direction(&pump.directions[ERR], outputs[1], STDERR_FILENO);
	make_direction(&pump.directions[IN], input < 0 ? -1 : STDIN_FILENO, input);
	int going = 1;
	while (going > 0) {
		fill_polls(&pump, polls);
		if (poll(polls, SOURCES, -1) < 0 && errno != EINTR)
			return -errno;
		going = serve(&pump, polls, &input);
	}
	if (going == 0)
		drain(&pump);
	if (input >= 0 && state->process.terminal < 0)
		close(input);
	return going;
}
