/*
 * The guard: a copy of the monitor that waits for its end. The kernel would end the first process for us (PR_SET_PDEATHSIG), but forgets
 * that where AppArmor puts it into a profile and where a command changes its user; and others may be in its pid namespace.
 */
#include "monitor/guard.h"
#include "core/sys.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/* Leaves the pipe and the file open, and nothing of the monitor's that others wait for the end of. */
static _Noreturn void watch(int pipe, int file)
{
	char byte;
	ssize_t count;
	/* 0 to 2 are there in every monitor, so what it was given lies above. */
	if (dup2(pipe, STDIN_FILENO) < 0 || dup2(file, STDOUT_FILENO) < 0 || sys_close_range(3, ~0u, 0))
		_exit(125);
	prctl(PR_SET_NAME, "tscompose-guard");
	while ((count = read(STDIN_FILENO, &byte, 1)) < 0 && errno == EINTR)
		;
	_exit(count || write(STDOUT_FILENO, "1", 1) != 1);
}

int guard_begin(struct guard *guard, const char *kill)
{
	int pipe[2];
	*guard = (struct guard){ 0, -1 };
	if (!kill[0])
		return 0;
	int file = open(kill, O_WRONLY | O_CLOEXEC);
	/* Kernels before 5.14 have none. */
	if (file < 0)
		return errno == ENOENT ? 0 : -errno;
	int error = pipe2(pipe, O_CLOEXEC) ? -errno : 0;
	if (!error) {
		guard->pid = fork();
		if (guard->pid == 0)
			watch(pipe[0], file);
		error = guard->pid < 0 ? -errno : 0;
		close(pipe[0]);
		guard->pipe = pipe[1];
	}
	close(file);
	return error;
}

void guard_tend(struct guard *guard, const char *file)
{
	siginfo_t told = { 0 };
	if (!guard->pid || waitid(P_PID, (id_t)guard->pid, &told, WEXITED | WSTOPPED | WNOHANG) || !told.si_pid)
		return;
	if (told.si_code == CLD_STOPPED) {
		kill(guard->pid, SIGCONT);
		return;
	}
	close(guard->pipe);
	*guard = (struct guard){ 0, -1 };
	/* What ended by itself could not do it, and would not the next time. */
	if (told.si_code != CLD_EXITED)
		(void)guard_begin(guard, file);
}

void guard_end(struct guard *guard)
{
	if (guard->pid > 0) {
		kill(guard->pid, SIGKILL);
		while (waitpid(guard->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (guard->pipe >= 0)
		close(guard->pipe);
	*guard = (struct guard){ 0, -1 };
}
