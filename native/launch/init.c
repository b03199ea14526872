/*
 * PID 1 of containers with `init`: spawns the command, hands every signal on, reaps what becomes an orphan, ends as
 * the command ended. Runs from a sealed copy in memory: /proc/1/exe inside leads to nothing of the host.
 */
#include "launch/init.h"
#include "core/state.h"
#include "core/sys.h"
#include "launch/sealed.h"
#include "ops/exec.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* Tells who waits for the start why there is none, and ends. */
static _Noreturn void give_up(int channel, int error, const char *detail, int code)
{
	struct failure failure = { .stage = STAGE_EXEC, .op = ABSENT, .error = error };
	strncpy(failure.detail, detail, DETAIL_MAX - 1);
	send(channel, &failure, sizeof failure, MSG_NOSIGNAL);
	_exit(code);
}

/* The command in its own process group, in the foreground when there is a terminal. */
static _Noreturn void command(char **argv, int channel, const sigset_t *before)
{
	if (setpgid(0, 0) == 0 && isatty(0))
		tcsetpgrp(0, getpid()); /* SIGTTOU is blocked still */
	if (sigprocmask(SIG_SETMASK, before, NULL))
		give_up(channel, errno, "signals", 125);
	int error = -exec_search(argv, environ);
	give_up(channel, error, argv[0], error == ENOENT ? 127 : 126);
}

/* Reaps all there is; the exit code once the command is among them, or -1. */
static int reap(pid_t main)
{
	int status, code = -1;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == main)
			code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return code;
}

static int forward_until_exit(int signals, pid_t main)
{
	for (;;) {
		struct signalfd_siginfo info;
		ssize_t count = read(signals, &info, sizeof info);
		if (count < 0 && errno == EINTR)
			continue;
		if (count != sizeof info)
			return 1;
		if (info.ssi_signo == SIGCHLD) {
			int code = reap(main);
			if (code >= 0)
				return code;
		} else if (info.ssi_signo != SIGTTIN && info.ssi_signo != SIGTTOU) {
			kill(main, (int)info.ssi_signo);
		}
	}
}

int init_main(int argc, char **argv)
{
	sigset_t all, before;
	int self = sealed_self();
	if (argc < 2 || self < 0)
		return 125;
	close(self);
	/* By itself the kernel calls us by our file, as far as that goes. A filter of the user's may refuse it. */
	(void)prctl(PR_SET_NAME, "tscompose-init");
	int channel = atoi(argv[0]);
	/* Blocked before anything else, so that no signal is lost between here and the loop. */
	sigfillset(&all);
	sigdelset(&all, SIGSEGV);
	sigdelset(&all, SIGBUS);
	sigdelset(&all, SIGFPE);
	sigdelset(&all, SIGILL);
	sigdelset(&all, SIGABRT);
	if (sigprocmask(SIG_SETMASK, &all, &before))
		give_up(channel, errno, "init", 125);
	int signals = signalfd(-1, &all, SFD_CLOEXEC);
	if (signals < 0 || fcntl(channel, F_SETFD, FD_CLOEXEC))
		give_up(channel, errno, "init", 125);
	pid_t main = fork();
	if (main == 0)
		command(argv + 1, channel, &before);
	if (main < 0)
		give_up(channel, errno, "init", 125);
	/* From here on we may not give up: PID 1 takes the container with it. */
	close(channel);
	return forward_until_exit(signals, main);
}
