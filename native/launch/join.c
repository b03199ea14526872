/* `exec`: joins the namespaces of a running container and becomes a command there. */
#include "launch/join.h"
#include "core/state.h"
#include "core/sys.h"
#include "launch/child.h"
#include "launch/forerunner.h"
#include "ops/beneath.h"
#include "ops/namespaces.h"
#include "ops/stage.h"

#include <sys/socket.h>

_Noreturn void joined_child(struct state *state)
{
	child_await(state);
	int error = child_hygiene(state);
	if (!error)
		error = hold_host_proc(state);
	if (!error)
		error = join_process(state->target, CLONE_NEWPID | CLONE_NEWTIME | CLONE_NEWUSER);
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
	int target = hold_process((pid_t)f[JOIN_PID].number, f[JOIN_START_TIME].number);
	state->forerunner = true;
	if (target < 0)
		return target;
	state->target = target;
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
