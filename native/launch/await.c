/* The parent's wait for the child to become the command, which has an end whatever the child hangs at. */
#include "launch/await.h"
#include "core/clock.h"
#include "core/state.h"
#include "core/sys.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

/*
 * How long the child may take from our word to its exec, in ms: slow disks have time enough, and files of a container that
 * never answer have an end.
 */
#define START_LIMIT 60000

/* Waits for a word of the child. -ETIMEDOUT: none came in time; -ECANCELED: our caller has gone; -ESRCH: a forerunner ended without one. */
static int await_word(struct state *state, int64_t deadline)
{
	for (;;) {
		struct pollfd polls[] = { { state->process.channel, POLLIN, 0 }, { state->caller, 0, 0 }, { state->tended.fd, POLLIN, 0 },
					  { state->forerunner ? state->process.pidfd : -1, POLLIN, 0 } };
		int64_t left = deadline - monotonic_milliseconds();
		int ready = left > 0 ? poll(polls, 4, (int)left) : 0;
		if (ready == 0 || (ready < 0 && errno != EINTR))
			return ready ? -errno : -ETIMEDOUT;
		if (polls[0].revents || polls[1].revents)
			return polls[0].revents ? 0 : -ECANCELED;
		/* Whom it has borne has the channel, too, and waits. */
		if (polls[3].revents)
			return poll(polls, 1, 0) > 0 ? 0 : -ESRCH;
		if (ready > 0)
			state->tended.fd = state->tended.tend(state);
	}
}

/* A start that was given up is the command's failure, whatever it hung at. */
static int fail_start(struct state *state, int error)
{
	state->current = (struct op){ .index = ABSENT, .stage = STAGE_EXEC };
	const char *why = error == -ETIMEDOUT ? "it did not start within a minute" :
			  error == -ESRCH     ? "it was killed before it ran" : NULL;
	return fail(state, error, why);
}

/*
 * The channel has ended: the child has become the command, or has died on its way there. Who is seen in a container may be killed
 * there at any time: it has ended then, as one that is killed right after.
 */
static int ended(struct state *state, bool seen)
{
	int executed = seen ? 1 : state->forerunner ? 0 : process_has_executed(state->process.pid, &state->process.start);
	return executed > 0 ? 0 : fail_start(state, executed < 0 ? executed : -ESRCH);
}

/*
 * The forerunner has borne the process: a child of ours like itself, which becomes the command at our word. When it has
 * died meanwhile, its end says so.
 */
static int adopt(struct state *state, pid_t pid)
{
	struct process forerunner = state->process;
	int pidfd = sys_pidfd_open(pid);
	if (pidfd < 0)
		return pidfd;
	state->process.pid = pid;
	state->process.pidfd = pidfd;
	state->forerunner = false;
	forerunner.channel = forerunner.terminal = -1;
	process_give_up(&forerunner);
	return send(state->process.channel, "", 1, MSG_NOSIGNAL) == 1 || errno == EPIPE || errno == ECONNRESET ? 0 : -errno;
}

int await_exec(struct state *state)
{
	const int64_t deadline = monotonic_milliseconds() + START_LIMIT;
	bool adopted = false;
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	for (;;) {
		int error = await_word(state, deadline);
		if (error)
			return fail_start(state, error);
		struct failure failure = { 0 };
		struct iovec part = { &failure, sizeof failure };
		struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
		/* Who is seen in a container may be made to send anything: fds are taken from nobody there. */
		if (!adopted) {
			message.msg_control = &control;
			message.msg_controllen = sizeof control;
		}
		ssize_t count = recvmsg(state->process.channel, &message, MSG_CMSG_CLOEXEC);
		/* One that died before it took our word is told once, in front of what it may have said. */
		if (count < 0 && (errno == EINTR || errno == ECONNRESET))
			continue;
		if (count <= 0)
			return count ? fail_start(state, -errno) : ended(state, adopted);
		if (state->forerunner && count == sizeof(pid_t)) {
			pid_t pid;
			memcpy(&pid, &failure, sizeof pid);
			if ((error = adopt(state, pid)))
				return fail_start(state, error);
			adopted = true;
			continue;
		}
		struct cmsghdr *head = CMSG_FIRSTHDR(&message);
		if (head && head->cmsg_type == SCM_RIGHTS && head->cmsg_len == CMSG_LEN(sizeof(int))) {
			memcpy(&state->process.terminal, CMSG_DATA(head), sizeof(int));
			continue;
		}
		failure.detail[DETAIL_MAX - 1] = 0;
		state->failure = failure;
		return -(failure.error > 0 ? failure.error : EPROTO);
	}
}
