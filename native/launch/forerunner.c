/*
 * Who is born into a pid namespace that others live in is seen there at once: /proc/<pid> shows its root, mounts, network
 * and groups, and who has CAP_SYS_PTRACE reaches through it, reads its memory and makes it do what its capabilities
 * allow. So everything is done before by a forerunner in our own pid namespace, which they cannot see: it begins anew
 * from the sealed copy with its part of the program alone, joins, runs the inside stage with ids, capabilities and
 * filter, and only then joins the pid namespace and bears the process, as a child of its own parent. That has nothing
 * left to do but to become the command.
 */
#include "launch/forerunner.h"
#include "core/io.h"
#include "core/state.h"
#include "core/sys.h"
#include "launch/child.h"
#include "launch/sealed.h"
#include "ops/identity.h"
#include "ops/stage.h"
#include "ops/terminal.h"

#include <linux/nsfs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

int joins_pid_namespace(struct state *state, const struct field *slots)
{
	for (uint32_t i = 0; i < slots->count; i++) {
		int fd = slot_get(state, field_item(slots, i));
		int kind = fd < 0 ? fd : ioctl(fd, NS_GET_NSTYPE);
		if (kind < 0)
			return fd < 0 ? fd : -errno;
		if (kind == CLONE_NEWPID)
			return 1;
	}
	return 0;
}

/* Forgets what operations of stages that are not in this mask say. Their heads stay: an operation is known by its place. */
static void keep_stages(struct program *program, unsigned stages)
{
	struct cursor cursor = { 0 };
	struct op op;
	while (program_next(program, &cursor, &op))
		if (!(stages >> op.stage & 1))
			memset((void *)(uintptr_t)op.payload, 0, op.length);
}

/* What is kept open when we begin anew: the channel, and what the launch and the inside stage use. */
static int keep_fds(const struct state *state)
{
	const int fds[] = { state->process.channel, state->target, state->self };
	int error = sys_close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
	for (unsigned i = 0; !error && i < sizeof fds / sizeof fds[0]; i++)
		if (fds[i] >= 0 && fcntl(fds[i], F_SETFD, 0))
			error = -errno;
	for (unsigned i = 0; !error && i < SLOT_MAX; i++)
		if (state->slots[i] >= 0 && fcntl(state->slots[i], F_SETFD, 0))
			error = -errno;
	return error;
}

/* The state and the program in a file in memory. */
static int write_down(struct state *state)
{
	int fd = (int)sys_result(syscall(SYS_memfd_create, "forerunner", 0));
	int error = fd < 0 ? fd : write_all(fd, state, sizeof *state);
	if (!error)
		error = write_all(fd, state->program.bytes, state->program.length);
	if (!error && lseek(fd, 0, SEEK_SET) < 0)
		error = -errno;
	return error ? error : fd;
}

static int read_back(struct state *state, int fd)
{
	int error = read_all(fd, state, sizeof *state);
	state->program.bytes = NULL;
	state->results = (struct buffer){ 0 };
	if (error || state->program.length > PROGRAM_MAX)
		return error ? error : -EPROTO;
	uint8_t *bytes = mmap(NULL, state->program.length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (bytes == MAP_FAILED)
		return -errno;
	state->program.bytes = bytes;
	return read_all(fd, bytes, state->program.length);
}

_Noreturn void forerunner_begin(struct state *state)
{
	char handle[16], *argv[] = { "tscompose-native", "forerun", handle, NULL }, *none[] = { NULL };
	int self = sealed_self();
	int error = self < 0 ? self : stdio_install(state);
	if (!error) {
		keep_stages(&state->program, 1u << STAGE_LAUNCH | 1u << STAGE_GROUPS | 1u << STAGE_INSIDE | 1u << STAGE_EXEC);
		error = keep_fds(state);
	}
	if (!error)
		error = write_down(state);
	if (error >= 0) {
		snprintf(handle, sizeof handle, "%d", error);
		syscall(SYS_execveat, self, "", argv, none, AT_EMPTY_PATH);
		error = -errno;
	}
	fail(state, error, "forerunner");
	child_fail(state);
}

int forerunner_resume(struct state *state, int handle)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return -errno;
	int error = read_back(state, handle);
	return error ? error : close(handle);
}

/* Only 0, 1, 2 and the channel are inherited; a session, and with it a terminal, is not, from who led it. */
static int own_session(const struct state *state)
{
	/* A filter that refuses it leaves the command in a session that has no leader any more, nor a terminal. */
	bool leads = setsid() >= 0;
	if (state->has_terminal && (!leads || ioctl(STDIN_FILENO, TIOCSCTTY, 0)))
		return -errno;
	return state->has_process_limit && setrlimit(RLIMIT_NPROC, &state->process_limit) ? -errno : 0;
}

/* The process itself, seen from now on. Its parent knows of it when it says so; until then there is nobody to reap it. */
static _Noreturn void born(struct state *state)
{
	child_await(state);
	int error = own_session(state);
	if (error)
		fail(state, error, "session");
	else
		run_stage(state, STAGE_EXEC);
	child_fail(state);
}

/* By the older call, for filters let that through which cannot read the flags of clone3, or by that where they do not. */
static pid_t clone_sibling(void)
{
	const struct clone_arguments args = { .flags = CLONE_PARENT };
	long pid = syscall(SYS_clone, CLONE_PARENT, NULL, NULL, NULL, NULL);
	if (pid < 0 && (errno == EPERM || errno == ENOSYS))
		pid = syscall(SYS_clone3, &args, sizeof args);
	return (pid_t)sys_result(pid);
}

/* The process is our parent's child, which reaps it and has its pidfd. */
_Noreturn void forerunner_bear(struct state *state)
{
	keep_stages(&state->program, 1u << STAGE_EXEC);
	int error = leave_behind(state);
	pid_t pid = error ? error : clone_sibling();
	if (pid == 0)
		born(state);
	if (pid < 0) {
		state->current = (struct op){ .index = ABSENT, .stage = STAGE_EXEC };
		fail(state, pid, "clone");
		child_fail(state);
	}
	_exit(write(state->process.channel, &pid, sizeof pid) < 0);
}
