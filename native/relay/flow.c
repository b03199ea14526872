/*
 * A flow begins with reads and writes, which are quickest for little: a request, a page. One that has moved much gets a pipe, by
 * which the kernel moves the pages themselves from one socket to the other.
 */
#include "core/sys.h"
#include "relay/flow.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define READS_PER_TURN 4
/* What is much. */
#define BULK (256u << 10)
/* A pipe's size: larger is no quicker, and all pipes of one user may have 64 MB without privilege. */
#define PIPE_SIZE (512 << 10)

void flow_open(struct flow *flow, struct watch *from, struct watch *to)
{
	*flow = (struct flow){ .from = from, .to = to, .pipe = { -1, -1 } };
}

bool flow_is_held(const struct flow *flow)
{
	return flow->length || flow->piped;
}

void flow_close(struct relay *relay, struct flow *flow)
{
	free(flow->pending);
	if (flow->pipe[0] < 0)
		return;
	close(flow->pipe[0]);
	close(flow->pipe[1]);
	relay->pipes--;
}

/* One that gets no pipe goes on without. */
static void open_pipe(struct relay *relay, struct flow *flow)
{
	if (relay->pipes >= RELAY_PIPES_MAX || pipe2(flow->pipe, O_CLOEXEC | O_NONBLOCK))
		return;
	relay->pipes++;
	(void)fcntl(flow->pipe[1], F_SETPIPE_SZ, PIPE_SIZE);
}

static ssize_t hand_on(const struct flow *flow)
{
	if (flow->piped)
		return splice(flow->pipe[0], NULL, flow->to->fd, NULL, flow->piped, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	return send(flow->to->fd, flow->pending + flow->start, flow->length, MSG_NOSIGNAL);
}

static int refuse(struct flow *flow, int error)
{
	free(flow->pending);
	flow->pending = NULL;
	flow->length = flow->piped = 0;
	flow->ended = true;
	flow->refused = error;
	return -error;
}

/* Hands on what was read before. 1: all of it; 0: the other side takes no more now; negative: it never will. */
static int flush(struct flow *flow)
{
	while (flow_is_held(flow)) {
		ssize_t sent = hand_on(flow);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return sent < 0 && errno == EAGAIN ? 0 : refuse(flow, sent < 0 ? errno : EPIPE);
		if (flow->piped)
			flow->piped -= (size_t)sent;
		else
			flow->start += (size_t)sent, flow->length -= (size_t)sent;
	}
	free(flow->pending);
	flow->pending = NULL;
	return 1;
}

/* Keeps what could not be sent. */
static int keep(struct flow *flow, const uint8_t *bytes, size_t length)
{
	flow->pending = malloc(length);
	if (!flow->pending)
		return -ENOMEM;
	memcpy(flow->pending, bytes, length);
	flow->start = 0;
	flow->length = length;
	return 0;
}

/* What a read that got nothing means. 1: go on; 0: nothing more now; negative: error. */
static int read_nothing(struct flow *flow, ssize_t got)
{
	if (got < 0)
		return errno == EINTR ? 1 : errno == EAGAIN ? 0 : -errno;
	if (flow->cut)
		return -ECONNRESET;
	flow->ended = true;
	return 1;
}

/* Reads once and sends on; the pipe is empty then, so EAGAIN is the socket's. */
static int step_by_pipe(struct flow *flow)
{
	ssize_t got = splice(flow->from->fd, NULL, flow->pipe[1], NULL, PIPE_SIZE, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

	if (got <= 0)
		return read_nothing(flow, got);
	flow->piped = (size_t)got;
	return flush(flow) < 0 ? -flow->refused : 1;
}

static int step_by_copy(struct relay *relay, struct flow *flow)
{
	ssize_t got = recv(flow->from->fd, relay->scratch, sizeof relay->scratch, 0);
	ssize_t sent;

	if (got <= 0)
		return read_nothing(flow, got);
	flow->moved += (size_t)got;
	if (flow->moved >= BULK && flow->moved - (size_t)got < BULK)
		open_pipe(relay, flow);
	sent = send(flow->to->fd, relay->scratch, (size_t)got, MSG_NOSIGNAL);
	if (sent < 0 && errno != EAGAIN && errno != EINTR)
		return refuse(flow, errno);
	if (sent < 0)
		sent = 0;
	return sent == got ? 1 : keep(flow, relay->scratch + sent, (size_t)(got - sent));
}

int flow_move(struct relay *relay, struct flow *flow)
{
	/* An end that the last turn reads is told at once: no event would come to remind us of it. */
	for (int turn = 0; turn < READS_PER_TURN || flow->ended; turn++) {
		int result = flush(flow);

		if (result > 0 && flow->ended) {
			if (!flow->shut)
				shutdown(flow->to->fd, SHUT_WR);
			flow->shut = true;
			return 0;
		}
		if (result > 0)
			result = flow->pipe[0] < 0 ? step_by_copy(relay, flow) : step_by_pipe(flow);
		if (result <= 0)
			return result;
	}
	return 0;
}
