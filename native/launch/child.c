/* What the child of every launch does, whichever way it is made. */
#include "launch/child.h"
#include "core/process.h"
#include "core/state.h"
#include "core/sys.h"
#include "ops/stage.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>

int child_hygiene(const struct state *state)
{
	sigset_t none;
	sigemptyset(&none);
	/* Of our own modes that one alone is ignored. */
	signal(SIGPIPE, SIG_DFL);
	if (!state->plain_signals)
		signals_heed();
	if (sigprocmask(SIG_SETMASK, &none, NULL) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) || setsid() < 0)
		return -errno;
	if (syscall(SYS_keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, NULL) < 0 && errno != ENOSYS)
		return -errno;
	umask(0);
	return sys_close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
}

int hold_host_proc(struct state *state)
{
	if (!program_has(&state->program, OP_APPARMOR) && !program_has(&state->program, OP_SELINUX) &&
	    !program_has(&state->program, OP_SYSCTL))
		return 0;
	state->proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return state->proc < 0 ? -errno : 0;
}

BESIDE void child_await(struct state *state)
{
	char byte;
	ssize_t count = read(state->process.channel, &byte, 1);
	if (count == 1)
		return;
	if (count < 0) {
		fail(state, errno, "start");
		child_fail(state);
	}
	_exit(127);
}

void child_join_groups(struct state *state)
{
	const struct op launch = state->current;
	if (run_stage(state, STAGE_GROUPS))
		child_fail(state);
	state->current = launch;
}

BESIDE _Noreturn void child_fail(struct state *state)
{
	_exit(write(state->process.channel, &state->failure, sizeof state->failure) < 0 ? 126 : 127);
}
