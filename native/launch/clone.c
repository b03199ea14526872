/* A first process in namespaces of its own: cloned outside of the container, which is made around it. */
#include "launch/clone.h"
#include "core/io.h"
#include "core/state.h"
#include "core/sys.h"
#include "launch/child.h"
#include "launch/forerunner.h"
#include "launch/group.h"
#include "ops/identity.h"
#include "ops/namespaces.h"
#include "ops/stage.h"
#include "ops/terminal.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/socket.h>

/* Those that a container may get new; network and time namespaces are made before. */
#define NAMESPACES (CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP | CLONE_NEWUSER)

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

/*
 * Root of the user namespace, as soon as its maps are there. A forerunner, which was cloned outside, enters it now, and makes
 * what the clone made for others: so that all is owned by that user namespace.
 */
static int enter_userns(struct state *state, const struct field *f)
{
	const uint64_t asked = f[CLONE_NEW_NAMESPACES].number;
	bool shared = f[CLONE_USERNS_SLOT].number != ABSENT;
	if (!shared || !state->forerunner)
		return shared || asked & CLONE_NEWUSER ? become_root() : 0;
	int userns = slot_get(state, f[CLONE_USERNS_SLOT].number);
	if (userns < 0)
		return userns;
	int error = setns(userns, CLONE_NEWUSER) ? -errno : become_root();
	if (!error && unshare((int)(asked & ~(uint64_t)CLONE_NEWCGROUP)))
		error = -errno;
	return error;
}

BESIDE _Noreturn void cloned_child(struct state *state, const struct field *f)
{
	/* The parent attends to us first. */
	child_await(state);
	/* The root of a cgroup namespace is where its maker is, and files of groups are the host's root's: both end here. */
	child_join_groups(state);
	int error = state->forerunner ? hold_host_proc(state) : stdio_install(state);
	if (!error)
		error = enter_userns(state, f);
	/* A copy of the host's, which is not to hear of this one, nor the other way round, until the root is another. */
	if (!error && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		error = -errno;
	if (!error)
		error = join_namespaces(state, &f[CLONE_JOIN_SLOTS]);
	if (!error && (f[CLONE_NEW_NAMESPACES].number & CLONE_NEWCGROUP) && unshare(CLONE_NEWCGROUP))
		error = -errno;
	if (!error)
		error = child_hygiene(state);
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
	/* A forerunner makes them when it is in the user namespace that shall own them. */
	if (!state->forerunner || f[CLONE_USERNS_SLOT].number == ABSENT)
		args->flags |= asked & ~(uint64_t)CLONE_NEWCGROUP;
	return 0;
}

/* What the process between us and the container's first one is told, and what came of it. */
struct between {
	struct state *state;
	const struct field *fields;
	const struct clone_arguments *args;
	const int *channel;
	int userns;
	int group;
	pid_t pid;
};

/* The container's first process begins. */
BESIDE static _Noreturn void begin(struct state *state, const struct field *f, const int channel[2])
{
	close(channel[0]);
	/* It looks its own /proc files up: with their connection, if there is any, it would wait for itself where no server answers. */
	if (state->fuse >= 0)
		close(state->fuse);
	state->process.channel = channel[1];
	if (state->forerunner)
		forerunner_begin(state);
	cloned_child(state, f);
}

BESIDE static int clone_between(void *argument)
{
	struct between *between = argument;
	const struct clone_arguments args = { .flags = (between->args->flags & ~(uint64_t)CLONE_PIDFD) | CLONE_PARENT };
	between->pid = setns(between->userns, CLONE_NEWUSER) ? -errno : group_clone(between->state, between->group, &args);
	if (between->pid == 0)
		begin(between->state, between->fields, between->channel);
	return 0;
}

/*
 * Clones in a user namespace of others, so that it owns the new namespaces. Who has entered one cannot come back, so a
 * process between us does it; the child is ours, not its.
 */
static pid_t clone_in_userns(struct between *between)
{
	int error = process_beside(clone_between, between);
	if (error || between->pid < 0)
		return error ? error : between->pid;
	/* It is our child and not reaped: the number is its own. */
	int pidfd = sys_pidfd_open(between->pid);
	*(int *)(uintptr_t)between->args->pidfd = pidfd;
	return pidfd < 0 ? pidfd : between->pid;
}

/* Clones with the network namespace, which is joined by inheritance, and takes the parent back to its own. */
static pid_t clone_within(struct state *state, const struct field *f, int group, struct clone_arguments *args, const int channel[2])
{
	bool net = f[CLONE_NET].number == 0;
	bool owned = f[CLONE_USERNS_SLOT].number != ABSENT && !state->forerunner;
	int userns = owned ? slot_get(state, f[CLONE_USERNS_SLOT].number) : -1;
	int error = owned && userns < 0 ? userns : net ? netns_enter(CONTAINER_NETNS) : 0;
	pid_t pid = error;
	struct between between = { state, f, args, channel, userns, group, -EIO };
	if (!error)
		pid = owned ? clone_in_userns(&between) : group_clone(state, group, args);
	/* A parent that cannot go home must not go on. */
	if (pid != 0 && net && netns_enter(HOST_NETNS) && pid > 0)
		abort();
	return pid;
}

int clone_child(struct state *state, const struct field *f)
{
	int channel[2], pidfd = -1;
	struct clone_arguments args = { .flags = CLONE_PIDFD, .pidfd = (uintptr_t)&pidfd, .exit_signal = SIGCHLD };
	int error = joins_pid_namespace(state, &f[CLONE_JOIN_SLOTS]);
	if (error < 0)
		return error;
	state->forerunner = error;
	bool grouped = f[CLONE_CGROUP_SLOT].number != ABSENT;
	int group = grouped ? slot_get(state, f[CLONE_CGROUP_SLOT].number) : -1;
	error = grouped && group < 0 ? group : clone_flags(state, f, &args);
	if (error)
		return error;
	state->own_pids = f[CLONE_NEW_NAMESPACES].number & CLONE_NEWPID;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel))
		return -errno;
	pid_t pid = clone_within(state, f, group, &args, channel);
	if (pid == 0)
		begin(state, f, channel);
	close(channel[1]);
	if (pid < 0) {
		close(channel[0]);
		return pid;
	}
	state->process = (struct process){ .pid = pid, .pidfd = pidfd, .channel = channel[0], .terminal = -1 };
	return group_enter(state, group);
}
