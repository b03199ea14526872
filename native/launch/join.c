/* `exec`: joins the namespaces of a running container and becomes a command there. */
#include "launch/join.h"
#include "core/state.h"
#include "core/sys.h"
#include "launch/child.h"
#include "launch/forerunner.h"
#include "launch/group.h"
#include "ops/beneath.h"
#include "ops/namespaces.h"
#include "ops/stage.h"

#include <signal.h>
#include <sys/socket.h>

_Noreturn void joined_child(struct state *state)
{
	child_await(state);
	child_join_groups(state);
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

/* Makes the child, in that group unless it is -1. */
static int bear(struct state *state, int group)
{
	int channel[2], pidfd = -1;
	const struct clone_arguments args = { .flags = CLONE_PIDFD, .pidfd = (uintptr_t)&pidfd, .exit_signal = SIGCHLD };
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel))
		return -errno;
	pid_t pid = group_clone(state, group, &args);
	if (pid == 0) {
		close(channel[0]);
		state->process.channel = channel[1];
		forerunner_begin(state);
	}
	close(channel[1]);
	if (pid < 0) {
		close(channel[0]);
		return pid;
	}
	state->process = (struct process){ .pid = pid, .pidfd = pidfd, .channel = channel[0], .terminal = -1 };
	return group_enter(state, group);
}

int join_child(struct state *state, const struct field *f)
{
	const char *path = field_text(&f[JOIN_GROUP]);
	state->forerunner = true;
	if (state->target < 0 && (state->target = hold_process((pid_t)f[JOIN_PID].number, f[JOIN_START_TIME].number)) < 0)
		return state->target;
	int group = path[0] ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	if (path[0] && group < 0)
		return -errno;
	int error = bear(state, group);
	if (group >= 0)
		close(group);
	return error;
}
