/*
 * A process is born in its v2 group. To move one there by its number, the kernel has all that begins or ends on the machine wait
 * (cgroup_threadgroup_rwsem), and on one that was at rest waits itself for a grace period: 10 ms, in each start and each `exec`.
 *
 * But once cgroup.kill was written to a group, Linux 6.13 and later kill whatever is cloned into it from another group, for they compare the
 * group's kill count with that of the parent's group. So who died of that before he ran is launched once more, and moved.
 */
#include "launch/group.h"
#include "core/io.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif
/* How long one whose channel has ended may take to be dead, in ms. */
#define DEATH_LIMIT 2000

BESIDE pid_t group_clone(struct state *state, int group, const struct clone_arguments *args)
{
	struct {
		struct clone_arguments base;
		uint64_t set_tid, set_tid_size, cgroup;
	} inside = { .base = *args, .cgroup = (uint64_t)group };
	inside.base.flags |= CLONE_INTO_CGROUP;
	state->born_inside = group >= 0 && !state->moves_newborn;
	if (state->born_inside) {
		pid_t pid = (pid_t)syscall(SYS_clone3, &inside, sizeof inside);
		/* Kernels before 5.7 know nothing of it. */
		if (pid >= 0 || (errno != EINVAL && errno != E2BIG))
			return (pid_t)sys_result(pid);
	}
	state->born_inside = false;
	return (pid_t)sys_result(syscall(SYS_clone3, args, sizeof *args));
}

int group_enter(const struct state *state, int group)
{
	char pid[16];
	if (group < 0 || state->born_inside)
		return 0;
	int length = snprintf(pid, sizeof pid, "%d", (int)state->process.pid);
	return write_file(group, "cgroup.procs", pid, (size_t)length);
}

bool group_kills_newborn(struct state *state)
{
	struct pollfd death = { state->process.pidfd, POLLIN, 0 };
	siginfo_t info = { 0 };
	if (!state->born_inside || state->failure.error != ESRCH || state->process.pid <= 0)
		return false;
	poll(&death, 1, DEATH_LIMIT);
	if (waitid(P_PID, (id_t)state->process.pid, &info, WEXITED | WNOHANG | WNOWAIT) || info.si_code != CLD_KILLED)
		return false;
	state->moves_newborn = info.si_status == SIGKILL;
	return state->moves_newborn;
}
