#include "core/process.h"
#include "core/io.h"
#include "core/sys.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/* Of a process's flags: born, and has executed nothing yet (PF_FORKNOEXEC). */
#define FORKED_ONLY 0x40u
/* How long a killed process may take to die, in ms. */
#define KILL_LIMIT 2000

void signals_heed(void)
{
	struct sigaction action;
	for (int number = 1; number < NSIG; number++)
		if (!sigaction(number, NULL, &action) && action.sa_handler == SIG_IGN)
			signal(number, SIG_DFL);
}

void process_forget(struct process *process)
{
	const int fds[] = { process->pidfd, process->channel, process->terminal };
	for (unsigned i = 0; i < 3; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	*process = (struct process){ .pid = 0, .pidfd = -1, .channel = -1, .terminal = -1 };
}

void process_give_up(struct process *process)
{
	struct pollfd ended = { process->pidfd, POLLIN, 0 };
	kill(process->pid, SIGKILL);
	poll(&ended, 1, KILL_LIMIT);
	waitpid(process->pid, NULL, WNOHANG);
	process_forget(process);
}

/* Enough for all that the first process of a container does. */
#define BESIDE_STACK (1024 * 1024)

/* A process that has our memory while we wait for it to end or to become another program; its pid. */
static pid_t begin_beside(int (*work)(void *), void *argument, int flags)
{
	char *stack = mmap(NULL, BESIDE_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (stack == MAP_FAILED)
		return -errno;
	pid_t pid = (pid_t)sys_result(clone(work, stack + BESIDE_STACK, CLONE_VM | CLONE_VFORK | SIGCHLD | flags, argument));
	munmap(stack, BESIDE_STACK);
	return pid;
}

pid_t process_become(int (*work)(void *), void *argument)
{
	return begin_beside(work, argument, 0);
}

int process_beside(int (*work)(void *), void *argument)
{
	pid_t pid = begin_beside(work, argument, CLONE_FILES);
	int error = pid < 0 ? pid : 0;
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	/* A change of credentials there may have made our memory readable to others. */
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) && !error ? -errno : error;
}

/* The flags of a process and when it began: fields 9 and 22 of /proc/<pid>/stat. */
static int look_at(pid_t pid, uint64_t *flags, uint64_t *start)
{
	char path[32], text[1024];
	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ssize_t count = read(fd, text, sizeof text - 1);
	close(fd);
	if (count <= 0)
		return -ESRCH;
	text[count] = 0;
	/* The name in parentheses may hold anything: fields are counted from its end. */
	char *at = strrchr(text, ')');
	for (int field = 2; at && field < 22; field++) {
		if (field == 9)
			*flags = strtoull(at + 1, NULL, 10);
		at = strchr(at + 1, ' ');
	}
	if (!at)
		return -EPROTO;
	*start = strtoull(at + 1, NULL, 10);
	return 0;
}

int process_start_time(pid_t pid, uint64_t *start)
{
	uint64_t flags;
	return look_at(pid, &flags, start);
}

int process_has_executed(pid_t pid, uint64_t *start)
{
	uint64_t flags = 0;
	int error = look_at(pid, &flags, start);
	return error ? error : !(flags & FORKED_ONLY);
}

int process_identity(char boot_id[40], uint64_t *start)
{
	size_t length = read_text("/proc/sys/kernel/random/boot_id", boot_id, 40);
	boot_id[strcspn(boot_id, "\n")] = 0;
	return length ? process_start_time(getpid(), start) : -EIO;
}
