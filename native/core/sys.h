/* System calls that the C library has no wrapper for, or not one that we can rely on in a static build. */
#ifndef TSCOMPOSE_SYS_H
#define TSCOMPOSE_SYS_H

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif
#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x00001000
#endif

/* clone3's, as far as every kernel that has it knows them. */
struct clone_arguments {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
};

/* A negative errno instead of -1, as every function of this program returns. */
static inline long sys_result(long result)
{
	return result < 0 ? -(long)errno : result;
}

static inline int sys_openat2(int root, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve)
{
	struct open_how how = { .flags = flags | O_CLOEXEC, .mode = mode, .resolve = resolve };
	return (int)sys_result(syscall(SYS_openat2, root, path, &how, sizeof how));
}

static inline int sys_open_tree(int folder, const char *path, unsigned flags)
{
	return (int)sys_result(syscall(SYS_open_tree, folder, path, flags | OPEN_TREE_CLOEXEC));
}

static inline int sys_mount_setattr(int folder, const char *path, unsigned flags, struct mount_attr *attr)
{
	return (int)sys_result(syscall(SYS_mount_setattr, folder, path, flags, attr, sizeof *attr));
}

/* Moves the mount behind one fd onto the place behind another: no path is resolved. */
static inline int sys_move_mount_fd(int from, int to)
{
	return (int)sys_result(
		syscall(SYS_move_mount, from, "", to, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
}

/* Moves it onto a name in a folder, which no link is followed by. */
static inline int sys_move_mount(int from, int folder, const char *name)
{
	return (int)sys_result(syscall(SYS_move_mount, from, "", folder, name, MOVE_MOUNT_F_EMPTY_PATH));
}

static inline int sys_fsopen(const char *type)
{
	return (int)sys_result(syscall(SYS_fsopen, type, FSOPEN_CLOEXEC));
}

static inline int sys_fsconfig(int context, unsigned command, const char *key, const void *value, int number)
{
	return (int)sys_result(syscall(SYS_fsconfig, context, command, key, value, number));
}

static inline int sys_fsmount(int context, unsigned attributes)
{
	return (int)sys_result(syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, attributes));
}

static inline int sys_pidfd_open(int pid)
{
	return (int)sys_result(syscall(SYS_pidfd_open, pid, 0));
}

static inline int sys_pidfd_send_signal(int pidfd, int number)
{
	return (int)sys_result(syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0));
}

static inline int sys_close_range(unsigned first, unsigned last, unsigned flags)
{
	return (int)sys_result(syscall(SYS_close_range, first, last, flags));
}

#endif
