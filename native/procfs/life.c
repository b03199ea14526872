/*
 * The life of the server of /proc files. Its monitor holds the connection, so its death is no error to anybody: who reads waits
 * until the next one is there. It begins as a program of its own, without anything of the monitor's memory.
 */
#include "procfs/life.h"
#include "core/clock.h"
#include "core/sys.h"
#include "procfs/config.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

/* A server that dies as soon as it is born is not born again at once. */
#define SHORT_LIFE 1000000000ULL
/* While a container waits for it to begin, sooner. */
#define START_REST_MS 20

void procfs_init(struct procfs *procfs)
{
	*procfs = (struct procfs){ .fuse = -1, .shared = -1, .pidfd = -1 };
}

/* The operation that says what the server reads; false: there is none. */
static bool settings_of(struct state *state, struct field fields[FIELD_MAX])
{
	struct cursor cursor = { 0 };
	struct op op;
	while (program_next(&state->program, &cursor, &op))
		if (op.kind == OP_PROC_SERVER)
			return !op_fields(&op, fields);
	return false;
}

static int make_shared(const struct field *f)
{
	const struct field *filter = &f[PROC_SERVER_FILTER];
	if (filter->length > PROCFS_FILTER_MAX)
		return -E2BIG;
	int fd = memfd_create("procfs", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	struct procfs_shared *shared = ftruncate(fd, sizeof *shared) ?
					       MAP_FAILED :
					       mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (shared == MAP_FAILED) {
		int error = -errno;
		close(fd);
		return error;
	}
	shared->together = f[PROC_SERVER_TOGETHER].number;
	shared->uid = (uid_t)f[PROC_SERVER_UID].number;
	shared->uid_count = (uint32_t)f[PROC_SERVER_UID_COUNT].number;
	shared->parent = getpid();
	shared->filter_length = filter->length;
	memcpy(shared->filter, filter->data, filter->length);
	munmap(shared, sizeof *shared);
	return fd;
}

/* Gives an fd its number, across exec. It must be above all numbers that are given. */
static int place(int fd, int number)
{
	return fd < 0 || dup2(fd, number) < 0 ? -EBADF : 0;
}

/* Leaves 0 to 2 and the server's fds open. A source that is not there leaves its number free. */
static int keep_fds(const struct procfs *procfs, const struct field *sources)
{
	const int above = PROCFS_SOURCE_FD + SOURCE_COUNT;
	int fuse = fcntl(procfs->fuse, F_DUPFD_CLOEXEC, above), shared = fcntl(procfs->shared, F_DUPFD_CLOEXEC, above);
	uint32_t offset = 0;
	const char *path;
	int error = sys_close_range(PROCFS_SHARED_FD, (unsigned)above - 1, 0);
	if (!error)
		error = place(shared, PROCFS_SHARED_FD);
	if (!error)
		error = place(fuse, PROCFS_FUSE_FD);
	for (int i = 0; !error && i < SOURCE_COUNT && (path = field_string(sources, &offset)); i++) {
		int fd = path[0] ? open(path, O_RDONLY | O_CLOEXEC) : -1;
		if (fd < 0)
			continue;
		error = place(fd, PROCFS_SOURCE_FD + i);
		if (fd == PROCFS_SOURCE_FD + i)
			error = fcntl(fd, F_SETFD, 0) ? -errno : 0;
		else
			close(fd);
	}
	return error ? error : sys_close_range((unsigned)above, ~0u, 0);
}

static _Noreturn void become_server(const struct procfs *procfs, const struct field *sources)
{
	char *const argv[] = { "tscompose-proc", "procfs", NULL };
	char *const env[] = { NULL };
	sigset_t none;
	sigemptyset(&none);
	if (keep_fds(procfs, sources) || sigprocmask(SIG_SETMASK, &none, NULL))
		_exit(125);
	execve("/proc/self/exe", argv, env);
	_exit(126);
}

static int start_server(struct procfs *procfs, struct state *state)
{
	struct field fields[FIELD_MAX];
	if (procfs->pidfd >= 0)
		return 0;
	if (!settings_of(state, fields))
		return -EPROTO;
	pid_t pid = fork();
	if (pid == 0)
		become_server(procfs, &fields[PROC_SERVER_SOURCES]);
	procfs->started = boot_nanoseconds();
	procfs->pid = pid;
	procfs->pidfd = pid < 0 ? -errno : sys_pidfd_open(pid);
	procfs->rest_until = procfs->pidfd < 0 ? procfs->started + SHORT_LIFE : 0;
	return procfs->pidfd < 0 ? procfs->pidfd : 0;
}

static void let_go(struct procfs *procfs)
{
	if (procfs->fuse >= 0)
		close(procfs->fuse);
	if (procfs->shared >= 0)
		close(procfs->shared);
	procfs->fuse = procfs->shared = -1;
	procfs->rest_until = 0;
}

/* While the child is waited for, which looks the files up: as the loop does it later. */
static int tend(struct state *state)
{
	struct procfs *procfs = state->tended.who;
	bool asked = procfs->pidfd < 0;
	if (!asked)
		procfs_ended(procfs);
	if (procfs->pidfd < 0 && (asked || procfs->rest_until)) {
		if (procfs->rest_until)
			poll(NULL, 0, START_REST_MS);
		(void)start_server(procfs, state);
	}
	return procfs->pidfd >= 0 ? procfs->pidfd : procfs->fuse;
}

int procfs_begin(struct procfs *procfs, struct state *state)
{
	struct field fields[FIELD_MAX];
	procfs_stop(procfs);
	state->tended.fd = -1;
	if (state->fuse < 0)
		return 0;
	procfs->fuse = state->fuse;
	state->fuse = -1;
	if (!settings_of(state, fields))
		return fail(state, EPROTO, "no procServer operation");
	procfs->shared = make_shared(fields);
	int error = procfs->shared < 0 ? procfs->shared : start_server(procfs, state);
	state->tended = (struct tended){ procfs->pidfd, tend, procfs };
	return error ? fail(state, error, "server of /proc files") : 0;
}

int procfs_asked(const struct procfs *procfs)
{
	return procfs->pidfd >= 0 || procfs->rest_until ? -1 : procfs->fuse;
}

void procfs_wake(struct procfs *procfs, struct state *state, short events)
{
	procfs->rest_until = 0;
	if (events & (POLLERR | POLLHUP))
		let_go(procfs);
	else if (procfs->fuse >= 0)
		(void)start_server(procfs, state);
}

/* Unlike its death, its end is its own decision: then only a reader begins the next one. */
void procfs_ended(struct procfs *procfs)
{
	int status = 0;
	if (waitpid(procfs->pid, &status, WNOHANG) != procfs->pid)
		return;
	close(procfs->pidfd);
	procfs->pidfd = -1;
	uint64_t now = boot_nanoseconds();
	if (status && procfs->fuse >= 0)
		procfs->rest_until = now - procfs->started < SHORT_LIFE ? now + SHORT_LIFE : now;
}

void procfs_stop(struct procfs *procfs)
{
	if (procfs->pidfd >= 0) {
		sys_pidfd_send_signal(procfs->pidfd, SIGKILL);
		while (waitpid(procfs->pid, NULL, 0) < 0 && errno == EINTR)
			;
		close(procfs->pidfd);
		procfs->pidfd = -1;
	}
	let_go(procfs);
}
