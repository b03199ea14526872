/* What a running container has otherwise than it was made: read, and put right where it is. Of `run` programs. */
#include "core/io.h"
#include "core/state.h"
#include "core/sys.h"
#include "ops/beneath.h"
#include "ops/inside.h"
#include "ops/make-mount.h"
#include "ops/namespaces.h"
#include "ops/operations.h"
#include "ops/stage.h"

#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* The values of some sysctls come to this at most. */
#define VALUES_MAX 16384

/* What sysctls are read and written by, and descriptors are named by: opened where it still is the host's. */
static int open_proc(struct state *state)
{
	if (state->proc < 0)
		state->proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return state->proc < 0 ? -errno : 0;
}

/*
 * We stay in our own pid namespace, where nobody inside sees us, and have the descriptors of the host. A proc that were made would
 * be the host's: as for a forerunner there is none.
 */
int op_enter(struct state *state, const struct field *f)
{
	int error = state->root >= 0 ? -EINVAL : open_proc(state);
	int target = error ? error : hold_process((pid_t)f[ENTER_PID].number, f[ENTER_START_TIME].number);
	if (target < 0)
		return target;
	state->forerunner = true;
	/* Nobody inside can take this one away. */
	state->spare_null = sys_open_tree(AT_FDCWD, "/dev/null", AT_SYMLINK_NOFOLLOW | OPEN_TREE_CLONE);
	error = join_process(target, f[ENTER_MAPPED].number ? CLONE_NEWUSER : 0);
	close(target);
	if (!error)
		error = state->root = beneath_open(AT_FDCWD, "/", O_PATH | O_DIRECTORY);
	if (error < 0)
		return fail(state, error, "namespaces");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return -errno;
	return run_stage(state, STAGE_INSIDE);
}

/* The mount that is meant, by its number: the container may have led the path elsewhere, to one of its masks. */
static int open_mount(struct state *state, const struct field *path, uint64_t id)
{
	struct statx info;
	int target = state->root < 0 ? -EBADF : beneath_open(state->root, field_text(path), O_PATH);
	if (target < 0)
		return target;
	int error = statx(target, "", AT_EMPTY_PATH, STATX_MNT_ID, &info) ? -errno : 0;
	if (!error && info.stx_mnt_id != id)
		error = -ENOENT;
	if (error)
		close(target);
	return error ? error : target;
}

/* By its descriptor, which names it whatever becomes of the path. */
int op_unmount(struct state *state, const struct field *f)
{
	char path[32];
	int target = open_mount(state, &f[UNMOUNT_TARGET], f[UNMOUNT_MOUNT].number);
	if (target < 0)
		return target;
	snprintf(path, sizeof path, "self/fd/%d", target);
	int error = fchdir(state->proc) || umount2(path, MNT_DETACH) ? -errno : 0;
	close(target);
	return error;
}

/* Of the file system that a mount is of. What is not named stays as it is. */
static int change_options(struct state *state, int mount, const struct field *options)
{
	int context = (int)sys_result(syscall(SYS_fspick, mount, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH));
	int error = context < 0 ? context : configure_mount(state, context, options, FSCONFIG_CMD_RECONFIGURE);
	if (context >= 0)
		close(context);
	return error;
}

int op_change_mount(struct state *state, const struct field *f)
{
	struct mount_attr attr = { .attr_set = f[CHANGE_MOUNT_ATTRIBUTES].number,
				   .attr_clr = f[CHANGE_MOUNT_CLEARED].number };
	int target = open_mount(state, &f[CHANGE_MOUNT_TARGET], f[CHANGE_MOUNT_MOUNT].number);
	if (target < 0)
		return target;
	int error = sys_mount_setattr(target, "", AT_EMPTY_PATH, &attr);
	if (!error && f[CHANGE_MOUNT_OPTIONS].count)
		error = change_options(state, target, &f[CHANGE_MOUNT_OPTIONS]);
	close(target);
	return error;
}

/* The namespaces that have sysctls of their own. */
#define OF_SYSCTLS (CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)

/* One value behind the other, each with a NUL; of what is not there nothing but that. Its length. */
static ssize_t read_values(struct state *state, const struct field *keys, char values[VALUES_MAX])
{
	size_t length = 0;
	uint32_t offset = 0;
	const char *key;
	while ((key = field_string(keys, &offset))) {
		size_t left = VALUES_MAX - length;
		int fd = sysctl_open(state, key, O_RDONLY);
		ssize_t count = fd < 0 ? 0 : read(fd, values + length, left);
		if (fd >= 0)
			close(fd);
		if (count < 0)
			count = 0;
		if ((size_t)count >= left)
			return -E2BIG;
		length += (size_t)count;
		values[length++] = 0;
	}
	return (ssize_t)length;
}

/* Where several are in it, it is looked for once. */
static void open_net_sysctls(struct state *state, const struct field *keys)
{
	uint32_t offset = 0, count = 0;
	const char *key;
	while ((key = field_string(keys, &offset)))
		count += !strncmp(key, "net.", 4);
	if (count > 1)
		state->net_sysctls = sysctl_open(state, "net", O_PATH | O_DIRECTORY);
}

/* The way back, opened before the first step. */
static int remember_own(struct state *state)
{
	if (state->own_ipc < 0)
		state->own_ipc = openat(state->proc, "self/ns/ipc", O_RDONLY | O_CLOEXEC);
	if (state->own_uts < 0)
		state->own_uts = openat(state->proc, "self/ns/uts", O_RDONLY | O_CLOEXEC);
	return state->own_ipc < 0 || state->own_uts < 0 ? -errno : 0;
}

/* We go there ourselves, and back: a process for it would cost more than all that is read. */
static ssize_t read_there(struct state *state, int target, const struct field *keys, char values[VALUES_MAX])
{
	int error = remember_own(state);
	if (error)
		return error;
	ssize_t length = setns(target, OF_SYSCTLS) ? -errno : 0;
	if (!length) {
		open_net_sysctls(state, keys);
		length = read_values(state, keys, values);
	}
	if (state->net_sysctls >= 0)
		close(state->net_sysctls);
	state->net_sysctls = -1;
	if (netns_enter(HOST_NETNS) || setns(state->own_ipc, CLONE_NEWIPC) || setns(state->own_uts, CLONE_NEWUTS))
		length = -errno;
	return length;
}

int op_read_sysctls(struct state *state, const struct field *f)
{
	char values[VALUES_MAX];
	int error = open_proc(state);
	int target = error ? error : held_process(state, (pid_t)f[READ_SYSCTLS_PID].number, f[READ_SYSCTLS_START_TIME].number);
	/* One of many that has ended meanwhile. */
	if (target < 0)
		return target == -ESRCH ? 0 : target;
	ssize_t length = read_there(state, target, &f[READ_SYSCTLS_KEYS], values);
	return length < 0 ? (int)length : add_result(state, values, (size_t)length);
}

int op_set_limit(struct state *state, const struct field *f)
{
	const struct rlimit limit = { .rlim_cur = f[SET_LIMIT_SOFT].number, .rlim_max = f[SET_LIMIT_HARD].number };
	pid_t pid = (pid_t)f[SET_LIMIT_PID].number;
	int target = hold_process(pid, f[SET_LIMIT_START_TIME].number);
	(void)state;
	if (target < 0)
		return target;
	int error = prlimit(pid, (__rlimit_resource_t)f[SET_LIMIT_RESOURCE].number, &limit, NULL) ? -errno : 0;
	close(target);
	return error;
}
