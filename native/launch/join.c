/* `exec`: joins the namespaces of a running container and becomes a command there. */
#include "launch/join.h"
#include "core/state.h"
#include "core/sys.h"
#include "launch/child.h"
#include "launch/forerunner.h"
#include "ops/beneath.h"
#include "ops/identity.h"
#include "ops/stage.h"

#include <sys/socket.h>

/* Takes hold of a running container. */
static int hold_container(struct state *state, const struct field *f)
{
	pid_t pid = (pid_t)f[JOIN_PID].number;
	uint64_t start;
	int target = sys_pidfd_open(pid);
	if (target < 0)
		return target;
	/* The pidfd holds the process fast: if its start time is right now, it is the one that is meant. */
	int error = process_start_time(pid, &start);
	if (!error && start != f[JOIN_START_TIME].number)
		error = -ESRCH;
	if (error) {
		close(target);
		return error;
	}
	state->target = target;
	return 0;
}

/* Old kernels have no time namespaces, and say so by EINVAL, which is an error for every other kind. */
static int join_one(int target, int flag)
{
	if (!setns(target, flag))
		return 0;
	return errno == EINVAL && flag == CLONE_NEWTIME ? 0 : -errno;
}

/* EINVAL: it is our own, the host's. In another, we must have ids that it knows to own a terminal. */
static int join_user_namespace(int target)
{
	if (setns(target, CLONE_NEWUSER))
		return errno == EINVAL ? 0 : -errno;
	return become_root();
}

/*
 * Joins all of them. The user namespace comes after those that the host's root may join at will, the mount namespace last:
 * until then nothing of the container is reachable. Joining a pid namespace is for the process that we bear: we are never
 * seen there.
 */
static int join_all(int target)
{
	static const int flags[] = {
		CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP, CLONE_NEWTIME
	};
	int error = 0;
	for (unsigned i = 0; !error && i < sizeof flags / sizeof flags[0]; i++)
		error = join_one(target, flags[i]);
	if (!error)
		error = join_user_namespace(target);
	if (!error && setns(target, CLONE_NEWNS))
		error = -errno;
	return error;
}

_Noreturn void joined_child(struct state *state)
{
	child_await(state);
	int error = child_hygiene();
	if (!error)
		error = hold_host_proc(state);
	if (!error)
		error = join_all(state->target);
	close(state->target);
	if (!error)
		error = state->root = beneath_open(AT_FDCWD, "/", O_PATH | O_DIRECTORY);
	state->entered = true;
	if (error < 0) {
		fail(state, error, "namespaces");
		child_fail(state);
	}
	if (!run_stage(state, STAGE_INSIDE))
		forerunner_bear(state);
	child_fail(state);
}

int join_child(struct state *state, const struct field *f)
{
	int channel[2];
	int error = hold_container(state, f);
	state->forerunner = true;
	if (error)
		return error;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel))
		return -errno;
	pid_t pid = fork();
	if (pid == 0) {
		close(channel[0]);
		state->process.channel = channel[1];
		forerunner_begin(state);
	}
	close(channel[1]);
	if (pid < 0) {
		close(channel[0]);
		return -errno;
	}
	state->process = (struct process){ .pid = pid, .pidfd = sys_pidfd_open(pid), .channel = channel[0], .terminal = -1 };
	return state->process.pidfd < 0 ? state->process.pidfd : 0;
}
