/*
 * Makes one system call of a program fail, or kills whoever is about to make it, for tests:
 * `inject-fault REPORT PROCESS POSITION FAULT PROGRAM ARGUMENT...`. The program is process 0, what it bears 1, 2 and so on; POSITION
 * counts the system calls of that process from 1 on; FAULT is an errno, `kill`, or 0 for none. The report has a line for each call,
 * `call PROCESS POSITION NUMBER`, one for the fault, `fault` and the same, and one for the end of it all, `payload PROCESS`: a
 * program was executed that is not ours. From there on nobody is watched.
 *
 * strace counts the calls of one name alone, and in each process anew: what the parent has failed at its child never reaches.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <linux/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES_MAX 64
#define OURS "tscompose-"
#define PROGRAM OURS "native"

struct process {
	pid_t pid;
	unsigned long calls;
	bool failing; /* the call that it is in is the one */
};

struct injector {
	int report;
	long process;
	unsigned long position;
	int fault; /* an errno; -1: kill */
	struct process processes[PROCESSES_MAX];
	int count;
};

static void tell(const struct injector *injector, const char *what, int process, unsigned long position, long number)
{
	char line[96];
	int length = snprintf(line, sizeof line, "%s %d %lu %ld\n", what, process, position, number);
	if (write(injector->report, line, (size_t)length) != length)
		abort();
}

/* Which one it is; a new one is the next. */
static int index_of(struct injector *injector, pid_t pid)
{
	for (int i = 0; i < injector->count; i++)
		if (injector->processes[i].pid == pid)
			return i;
	if (injector->count == PROCESSES_MAX)
		abort();
	injector->processes[injector->count] = (struct process){ .pid = pid };
	return injector->count++;
}

static void enter(struct injector *injector, int index, long number)
{
	struct process *process = &injector->processes[index];
	struct user_regs_struct registers;

	process->calls++;
	tell(injector, "call", index, process->calls, number);
	if (!injector->fault || index != injector->process || process->calls != injector->position)
		return;
	tell(injector, "fault", index, process->calls, number);
	if (injector->fault < 0) {
		kill(process->pid, SIGKILL);
		return;
	}
	process->failing = true;
	/* One that cannot be closed is closed all the same. */
	if (number == SYS_close)
		return;
	if (ptrace(PTRACE_GETREGS, process->pid, NULL, &registers))
		abort();
	registers.orig_rax = ~0ULL;
	if (ptrace(PTRACE_SETREGS, process->pid, NULL, &registers))
		abort();
}

static void leave(struct injector *injector, int index)
{
	struct process *process = &injector->processes[index];
	struct user_regs_struct registers;

	if (!process->failing)
		return;
	process->failing = false;
	if (ptrace(PTRACE_GETREGS, process->pid, NULL, &registers))
		abort();
	registers.rax = (unsigned long long)-(long long)injector->fault;
	if (ptrace(PTRACE_SETREGS, process->pid, NULL, &registers))
		abort();
}

static void serve_call(struct injector *injector, int index)
{
	struct ptrace_syscall_info info;
	pid_t pid = injector->processes[index].pid;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		enter(injector, index, (long)info.entry.nr);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		leave(injector, index);
}

static bool is_ours(pid_t pid)
{
	char path[32], words[64] = "";
	snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t count = fd < 0 ? 0 : read(fd, words, sizeof words - 1);

	if (fd >= 0)
		close(fd);
	/* As init it is the container's first process, and bears the command; servers and relays have names of their own. */
	return count > 0 && (!strncmp(words, OURS, strlen(OURS)) || !strcmp(words, "/tscompose-init"));
}

/* What a stop was for; the signal that is to be handed on. */
static int serve_stop(struct injector *injector, pid_t pid, int status)
{
	int index = index_of(injector, pid), number = WSTOPSIG(status);
	unsigned long born;

	switch (status >> 16) {
	case 0:
		if (number != (SIGTRAP | 0x80))
			return number;
		serve_call(injector, index);
		return 0;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		if (!ptrace(PTRACE_GETEVENTMSG, pid, NULL, &born))
			index_of(injector, (pid_t)born);
		return 0;
	case PTRACE_EVENT_EXEC:
		if (is_ours(pid))
			return 0;
		tell(injector, "payload", index, injector->processes[index].calls, 0);
		exit(0);
	default:
		return 0;
	}
}

static void watch(struct injector *injector)
{
	for (;;) {
		int status;
		pid_t pid = waitpid(-1, &status, __WALL);
		if (pid < 0)
			return;
		if (!WIFSTOPPED(status))
			continue;
		long number = serve_stop(injector, pid, status);
		ptrace(PTRACE_SYSCALL, pid, NULL, number);
	}
}

/* Nobody's child but the system's, with nothing open that the program has: its pipes tell their ends by that. */
static _Noreturn void trace(struct injector *injector, pid_t target, int ready)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
			     PTRACE_O_TRACEEXEC;

	setsid();
	if (dup2(injector->report, 100) < 0 || dup2(ready, 101) < 0)
		abort();
	injector->report = 100;
	syscall(SYS_close_range, 0u, 99u, 0u);
	syscall(SYS_close_range, 102u, ~0u, 0u);
	if (ptrace(PTRACE_SEIZE, target, NULL, options) || ptrace(PTRACE_INTERRUPT, target, NULL, NULL))
		abort();
	index_of(injector, target);
	close(101);
	watch(injector);
	exit(0);
}

static void begin_trace(struct injector *injector)
{
	int ready[2];
	char byte;
	pid_t target = getpid();
	if (pipe(ready))
		abort();
	pid_t pid = fork();

	if (pid == 0) {
		if (fork() == 0) {
			close(ready[0]);
			trace(injector, target, ready[1]);
		}
		_exit(0);
	}
	close(ready[1]);
	/* Its end comes with the tracer's word, or death. */
	if (pid < 0 || waitpid(pid, NULL, 0) != pid || read(ready[0], &byte, 1) != 0)
		abort();
	close(ready[0]);
}

int main(int argc, char **argv)
{
	static struct injector injector;
	char *none[] = { NULL };

	if (argc < 6)
		return 2;
	injector.process = atol(argv[2]);
	injector.position = strtoul(argv[3], NULL, 10);
	injector.fault = strcmp(argv[4], "kill") ? atoi(argv[4]) : -1;
	injector.report = open(argv[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (injector.report < 0)
		return 2;
	begin_trace(&injector);
	char *program = argv[5];
	argv[5] = PROGRAM;
	execve(program, argv + 5, none);
	return 127;
}
