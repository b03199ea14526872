/*
 * The container's first process. The parent stays outside; the child waits until it is attended to, runs the inside
 * stage and becomes the command. A SOCK_SEQPACKET channel joins them: the parent sends one byte to go, the child sends
 * its terminal, or what failed; exec closes it.
 */
#include "core/core.h"

#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* Those that a container may get new; network and time namespaces are made before. */
#define NAMESPACES (CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP | CLONE_NEWUSER)

/*
 * A private view of the host's mounts: what we make shows nowhere else. Slave, not private, so that what the host
 * unmounts later is let go of here too.
 */
int enter_private_mounts(struct state *state)
{
	state->host_mounts = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (state->host_mounts < 0 || unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL))
		return -errno;
	state->own_mounts = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	return state->own_mounts < 0 ? -errno : 0;
}

/* Field 22 of /proc/<pid>/stat: when the process began, in clock ticks since boot. */
int process_start_time(pid_t pid, uint64_t *start)
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
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (!at)
		return -EPROTO;
	*start = strtoull(at + 1, NULL, 10);
	return 0;
}

void process_forget(struct process *process)
{
	const int fds[] = { process->pidfd, process->channel, process->terminal };
	for (unsigned i = 0; i < 3; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	*process = (struct process){ .pid = 0, .pidfd = -1, .channel = -1, .terminal = -1 };
}

/* Nothing of the engine's session reaches the command: signals, keyring, session, priorities, ptrace. */
int child_hygiene(void)
{
	sigset_t none;
	sigemptyset(&none);
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	if (sigprocmask(SIG_SETMASK, &none, NULL) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) || setsid() < 0)
		return -errno;
	if (syscall(SYS_keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, NULL) < 0 && errno != ENOSYS)
		return -errno;
	setpriority(PRIO_PROCESS, 0, 0);
	umask(0);
	return sys_close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
}

/*
 * Joins what was opened to join; the network namespace was joined by the parent before the clone. A pid namespace is for
 * the process that we bear.
 */
static int join_namespaces(struct state *state, const struct field *slots)
{
	for (uint32_t i = 0; i < slots->count; i++) {
		int fd = slot_get(state, field_item(slots, i));
		if (fd < 0 || setns(fd, 0))
			return fd < 0 ? fd : -errno;
	}
	return 0;
}

/* Tells the parent what failed, and ends. Nothing of the payload has run. By write, which every filter allows. */
_Noreturn void child_fail(struct state *state)
{
	_exit(write(state->process.channel, &state->failure, sizeof state->failure) < 0 ? 126 : 127);
}

/* In a new user namespace, once its maps are written: without ids that are mapped no file can be made. */
int become_root(void)
{
	if (setgroups(0, NULL) || setresgid(0, 0, 0) || setresuid(0, 0, 0))
		return -errno;
	return raise_capabilities();
}

static _Noreturn void child(struct state *state, const struct field *f)
{
	char byte;
	/* The parent attends to us first; when it cannot, it closes the channel. */
	if (recv(state->process.channel, &byte, 1, 0) != 1)
		_exit(127);
	int error = state->forerunner ? hold_host_proc(state) : stdio_install(state);
	if (!error && f[CLONE_NEW_NAMESPACES].number & CLONE_NEWUSER)
		error = become_root();
	if (!error)
		error = join_namespaces(state, &f[CLONE_JOIN_SLOTS]);
	/* The root of a cgroup namespace is where its maker is: only now are we in all groups of the container. */
	if (!error && (f[CLONE_NEW_NAMESPACES].number & CLONE_NEWCGROUP) && unshare(CLONE_NEWCGROUP))
		error = -errno;
	if (!error)
		error = child_hygiene();
	if (error) {
		fail(state, error, "namespaces");
		child_fail(state);
	}
	if (!run_stage(state, STAGE_INSIDE)) {
		if (state->forerunner)
			forerunner_bear(state);
		run_stage(state, STAGE_EXEC);
	}
	child_fail(state);
}

static int clone_flags(struct state *state, const struct field *f, struct clone_arguments *args)
{
	const uint64_t asked = f[CLONE_NEW_NAMESPACES].number;
	if (!(asked & CLONE_NEWNS) || asked & ~(uint64_t)NAMESPACES)
		return fail(state, EINVAL, "namespaces");
	args->flags |= asked & ~(uint64_t)CLONE_NEWCGROUP;
	return 0;
}

/*
 * Puts the child into its v2 group before it is told to go on. Not by CLONE_INTO_CGROUP: once cgroup.kill was written
 * to a group, Linux 6.13 and later kill whatever is cloned into it from another group, for they compare the group's
 * kill count with that of the parent's group. A restart would never come up.
 */
static int enter_cgroup(struct state *state, const struct field *f)
{
	if (f[CLONE_CGROUP_SLOT].number == ABSENT)
		return 0;
	int group = slot_get(state, f[CLONE_CGROUP_SLOT].number);
	if (group < 0)
		return group;
	int fd = openat(group, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int error = dprintf(fd, "%d", (int)state->process.pid) < 0 ? -errno : 0;
	close(fd);
	return error;
}

/* Clones with the network namespace, which is joined by inheritance, and takes the parent back to its own. */
static pid_t clone_within(const struct field *f, struct clone_arguments *args)
{
	bool net = f[CLONE_NET].number == 0;
	int error = net ? netns_enter(CONTAINER_NETNS) : 0;
	pid_t pid = error ? error : (pid_t)sys_result(syscall(SYS_clone3, args, sizeof *args));
	/* A parent that cannot go home must not go on. */
	if (pid != 0 && net && netns_enter(HOST_NETNS) && pid > 0)
		abort();
	return pid;
}

static int clone_child(struct state *state, const struct field *f)
{
	int channel[2], pidfd = -1;
	struct clone_arguments args = { .flags = CLONE_PIDFD, .pidfd = (uintptr_t)&pidfd, .exit_signal = SIGCHLD };
	int error = clone_flags(state, f, &args);
	if (!error)
		error = joins_pid_namespace(state, &f[CLONE_JOIN_SLOTS]);
	if (error < 0)
		return error;
	state->forerunner = error;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel))
		return -errno;
	pid_t pid = clone_within(f, &args);
	if (pid == 0) {
		close(channel[0]);
		state->process.channel = channel[1];
		if (state->forerunner)
			forerunner_begin(state);
		child(state, f);
	}
	close(channel[1]);
	if (pid < 0) {
		close(channel[0]);
		return pid;
	}
	state->process = (struct process){ .pid = pid, .pidfd = pidfd, .channel = channel[0], .terminal = -1 };
	return enter_cgroup(state, f);
}

static int find_launch(const struct state *state, struct op *op)
{
	struct cursor cursor = { 0 };
	while (program_next(&state->program, &cursor, op))
		if (op->stage == STAGE_LAUNCH)
			return 0;
	return -ENOENT;
}

/* A forerunner that has begun anew does what a child does. */
_Noreturn void launch_forerunner(struct state *state)
{
	struct field fields[FIELD_MAX];
	struct op op;
	int error = find_launch(state, &op);
	state->current = op;
	if (!error)
		error = op_fields(&op, fields);
	if (error) {
		fail(state, error, NULL);
		child_fail(state);
	}
	if (op.kind == OP_JOIN)
		joined_child(state);
	child(state, fields);
}

/* Launches the process, attends to it and waits until it has become the command. On failure nothing is left of it. */
int launch(struct state *state)
{
	struct field fields[FIELD_MAX];
	struct op op;
	state->forerunner = false;
	int error = find_launch(state, &op);
	if (!error)
		error = stdio_prepare_null(state);
	if (error)
		return error;
	state->current = op;
	error = op_fields(&op, fields);
	if (!error)
		error = op.kind == OP_CLONE ? clone_child(state, fields) : join_child(state, fields);
	if (error)
		fail(state, error, NULL);
	if (!error)
		error = run_stage(state, STAGE_ATTEND);
	if (!error && send(state->process.channel, "", 1, MSG_NOSIGNAL) != 1)
		error = fail(state, errno, "start");
	if (!error)
		error = await_exec(state);
	if (error && state->process.pid > 0)
		process_give_up(&state->process);
	return error;
}

int op_write_pid(struct state *state, const struct field *f)
{
	char text[16];
	int length = snprintf(text, sizeof text, "%d", (int)state->process.pid);
	return write_file(AT_FDCWD, field_text(&f[WRITE_PID_PATH]), text, (size_t)length);
}

int op_write_proc(struct state *state, const struct field *f)
{
	static const char *const files[] = { "uid_map", "gid_map", "setgroups", "oom_score_adj" };
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", (int)state->process.pid, files[f[WRITE_PROC_FILE].number]);
	return write_file(AT_FDCWD, path, f[WRITE_PROC_VALUE].data, f[WRITE_PROC_VALUE].length);
}
