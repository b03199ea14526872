/* Namespaces made outside: the container's network, user namespaces to map ids with. */
#include "ops/namespaces.h"
#include "core/io.h"
#include "core/state.h"
#include "core/sys.h"
#include "ops/identity.h"
#include "ops/inside.h"
#include "ops/operations.h"

#include <linux/nsfs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>

int netns_remember_host(void)
{
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	fd = move_fd(fd, HOST_NETNS);
	if (fd < 0)
		return fd;
	/* The container's number is taken as well until it has one, or the fd of a layer would have it and be lost then. */
	return dup3(fd, CONTAINER_NETNS, O_CLOEXEC) < 0 ? -errno : 0;
}

int netns_enter(int fd)
{
	return setns(fd, CLONE_NEWNET) ? -errno : 0;
}

/* Whether this kernel takes what is attached nowhere for all that is done with it: Linux 6.15 and newer. */
static bool takes_detached(void)
{
#ifndef OVERLAY_BY_NAMES
	struct utsname kernel;
	unsigned major = 0, minor = 0;
	return !uname(&kernel) && sscanf(kernel.release, "%u.%u", &major, &minor) == 2 && (major > 6 || (major == 6 && minor >= 15));
#else
	return false;
#endif
}

/*
 * Where trees have to be attached meanwhile, that is done in a mount namespace of our own. It would be a copy of all that the host has mounted, for
 * as long as we live, and each mount of the host's would come there, too: elsewhere we do without.
 */
int enter_mounts(struct state *state)
{
	state->host_mounts = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (state->host_mounts < 0)
		return -errno;
	if (takes_detached()) {
		state->own_mounts = state->host_mounts;
		return 0;
	}
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL))
		return -errno;
	state->own_mounts = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	return state->own_mounts < 0 ? -errno : 0;
}

/* Whether it is still the one that was meant; -ESRCH where the number is another's by now. */
static int check_start(pid_t pid, uint64_t wanted)
{
	uint64_t start;
	int error = process_start_time(pid, &start);
	return error ? error : start == wanted ? 0 : -ESRCH;
}

int hold_process(pid_t pid, uint64_t wanted)
{
	int target = sys_pidfd_open(pid);
	/* The pidfd holds the process fast: if its start time is right now, it is the one that is meant. */
	int error = target < 0 ? target : check_start(pid, wanted);
	if (error && target >= 0)
		close(target);
	return error ? error : target;
}

int held_process(struct state *state, pid_t pid, uint64_t wanted)
{
	if (state->held >= 0 && state->held_pid == pid && state->held_start == wanted)
		return state->held;
	int target = hold_process(pid, wanted);
	if (target < 0)
		return target;
	if (state->held >= 0)
		close(state->held);
	state->held_pid = pid;
	state->held_start = wanted;
	return state->held = target;
}

/*
 * The user namespace comes after those that the host's root may join at will, the mount namespace last: until then nothing of the
 * container is reachable. Joining a pid namespace is for the process that we bear: we are never seen there.
 */
int join_process(int target, int also)
{
	static const int flags[] = { CLONE_NEWPID,    CLONE_NEWNET,  CLONE_NEWIPC,  CLONE_NEWUTS,
				     CLONE_NEWCGROUP, CLONE_NEWTIME, CLONE_NEWUSER, CLONE_NEWNS };
	for (unsigned i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		int flag = flags[i];
		if (flag & (CLONE_NEWPID | CLONE_NEWTIME | CLONE_NEWUSER) & ~also)
			continue;
		int error = setns(target, flag) ? -errno : 0;
		/* An old kernel has no time namespaces, and the user namespace may be our own, the host's. */
		bool is_fine = error == -EINVAL && flag & (CLONE_NEWTIME | CLONE_NEWUSER);
		/* In another, we must have ids that it knows to own a terminal. */
		if (!error && flag == CLONE_NEWUSER)
			error = become_root();
		if (error && !is_fine)
			return error;
	}
	return 0;
}

/* Sockets of the one before are of no use any more. */
static int keep_netns(struct state *state, int fd)
{
	if (fd < 0)
		return -errno;
	close_fds(state->dumps[1], NETLINK_PROTOCOLS);
	close_fds(state->talks[1], NETLINK_PROTOCOLS);
	fd = move_fd(fd, CONTAINER_NETNS);
	return fd < 0 ? fd : 0;
}

/* What a process holds of these is counted against those who made its user namespace as well, each as much as its maker may. */
static int widen_limits(void)
{
	static const int counted[] = { RLIMIT_MEMLOCK, RLIMIT_MSGQUEUE, RLIMIT_SIGPENDING };
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };
	for (unsigned i = 0; i < sizeof counted / sizeof counted[0]; i++) {
		struct rlimit limit;
		if (!setrlimit((__rlimit_resource_t)counted[i], &none))
			continue;
		if (getrlimit((__rlimit_resource_t)counted[i], &limit))
			return -errno;
		limit.rlim_cur = limit.rlim_max;
		if (setrlimit((__rlimit_resource_t)counted[i], &limit))
			return -errno;
	}
	return 0;
}

/* No namespaces in namespaces: what has them is a wide way into the kernel. Where /proc/sys cannot be written it stays as it is. */
static int forbid_nested(void)
{
	int error = write_file(AT_FDCWD, "/proc/sys/user/max_user_namespaces", "0", 1);
	return error == -EROFS || error == -EACCES || error == -ENOENT ? 0 : error;
}

static int enter_new_userns(void)
{
	int error = widen_limits();
	if (!error && unshare(CLONE_NEWUSER))
		error = -errno;
	return error ? error : forbid_nested();
}

/*
 * A process that stands in a new user namespace until told to go: one can only be made by a process that enters it, and has no
 * ids before others have written its maps.
 */
static pid_t stand_in(int *release)
{
	int ready[2], go[2];
	char byte = 0;
	if (pipe2(ready, O_CLOEXEC))
		return -errno;
	if (pipe2(go, O_CLOEXEC)) {
		close(ready[0]);
		close(ready[1]);
		return -errno;
	}
	pid_t pid = fork();
	if (pid == 0) {
		close(go[1]);
		int error = enter_new_userns();
		if (error)
			_exit(-error & 0x7f);
		if (write(ready[1], &byte, 1) != 1 || read(go[0], &byte, 1) < 0)
			_exit(1);
		_exit(0);
	}
	close(ready[1]);
	close(go[0]);
	if (pid > 0 && read(ready[0], &byte, 1) != 1) {
		int status = 0;
		waitpid(pid, &status, 0);
		pid = WIFEXITED(status) && WEXITSTATUS(status) ? -WEXITSTATUS(status) : -EIO;
	}
	close(ready[0]);
	if (pid < 0)
		close(go[1]);
	else
		*release = go[1];
	return pid;
}

static void stand_down(pid_t pid, int release)
{
	close(release);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static int open_of(pid_t pid, const char *file, int flags)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
	return open(path, flags | O_CLOEXEC);
}

/* A network namespace that a user namespace owns: made by a process in it, opened by its fd, which is ours. */
struct owned {
	int userns;
	int netns;
};

static int make_owned(void *argument)
{
	struct owned *owned = argument;
	bool made = !setns(owned->userns, CLONE_NEWUSER) && !unshare(CLONE_NEWNET);
	owned->netns = made ? open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC) : -1;
	if (owned->netns < 0)
		owned->netns = -errno;
	return 0;
}

int op_new_netns(struct state *state, const struct field *f)
{
	if (f[NEW_NETNS_USERNS_SLOT].number == ABSENT) {
		if (unshare(CLONE_NEWNET))
			return -errno;
		int error = keep_netns(state, open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
		int back = netns_enter(HOST_NETNS);
		return error ? error : back;
	}
	struct owned owned = { .userns = slot_get(state, f[NEW_NETNS_USERNS_SLOT].number), .netns = -EIO };
	if (owned.userns < 0)
		return owned.userns;
	int error = process_beside(make_owned, &owned);
	if (error || owned.netns < 0)
		return error ? error : owned.netns;
	return keep_netns(state, owned.netns);
}

/* A file of a process that is still the one that was meant: who has the start time now had it when the file was opened. */
static int open_held(const char *path, pid_t pid, uint64_t wanted)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int error = fd < 0 ? -errno : 0;
	if (!error && pid)
		error = check_start(pid, wanted);
	if (error && fd >= 0)
		close(fd);
	return error ? error : fd;
}

int op_open_netns(struct state *state, const struct field *f)
{
	const char *path = field_text(&f[OPEN_NETNS_PATH]);
	int fd = open_held(path, (pid_t)f[OPEN_NETNS_PID].number, f[OPEN_NETNS_START_TIME].number);
	int error = fd < 0 ? fd : keep_netns(state, fd);
	return error ? fail(state, error, path) : 0;
}

int op_open_userns(struct state *state, const struct field *f)
{
	const char *path = field_text(&f[OPEN_USERNS_PATH]);
	int fd = open_held(path, (pid_t)f[OPEN_USERNS_PID].number, f[OPEN_USERNS_START_TIME].number);
	if (fd >= 0 && ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWUSER) {
		close(fd);
		fd = -EINVAL;
	}
	return fd < 0 ? fail(state, fd, path) : slot_set(state, f[OPEN_USERNS_SLOT].number, fd);
}

static int write_map(pid_t pid, const char *file, const struct field *text)
{
	int fd = open_of(pid, file, O_WRONLY);
	if (fd < 0)
		return -errno;
	/* A map is accepted in one write or not at all. */
	int error = write(fd, text->data, text->length) == (ssize_t)text->length ? 0 : -errno;
	close(fd);
	return error;
}

int op_create_userns(struct state *state, const struct field *f)
{
	int release = -1;
	pid_t pid = stand_in(&release);
	if (pid < 0)
		return pid;
	int error = write_map(pid, "uid_map", &f[CREATE_USERNS_UID_MAP]);
	if (!error)
		error = write_map(pid, "gid_map", &f[CREATE_USERNS_GID_MAP]);
	int fd = error ? error : open_of(pid, "ns/user", O_RDONLY);
	if (fd == -1)
		fd = -errno;
	stand_down(pid, release);
	error = slot_set(state, f[CREATE_USERNS_SLOT].number, fd);
	return error ? error : add_result(state, &fd, sizeof fd);
}

/* Outside, one of the network namespace that the container is to have: by the same proc, so that no other knows of that namespace. */
int op_sysctl(struct state *state, const struct field *f)
{
	bool outside = state->current.stage == STAGE_SETUP;
	int error = outside ? netns_enter(CONTAINER_NETNS) : 0;
	if (!error)
		error = sysctl_set(state, f);
	int back = outside ? netns_enter(HOST_NETNS) : 0;
	return back ? back : error;
}

int op_enter_userns(struct state *state, const struct field *f)
{
	int userns = slot_get(state, f[ENTER_USERNS_SLOT].number);
	if (userns < 0)
		return userns;
	return setns(userns, CLONE_NEWUSER) ? -errno : become_root();
}
