/* Stdio of the command: FIFOs and pipes given by the parent, or a terminal out of the container's own devpts. */
#include "ops/terminal.h"
#include "core/io.h"
#include "core/state.h"
#include "core/sys.h"
#include "ops/beneath.h"
#include "ops/label.h"
#include "ops/make-mount.h"
#include "ops/mounts.h"
#include "ops/operations.h"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

/*
 * A null device for commands without stdin: a node of our own on a read-only mount. The one in the container may be any
 * file by now, or a link to one of ours; and a chmod of the host's, which is what its fd allows, would reach all.
 */
static int make_null(int mount)
{
	/* Named as every program knows it: /proc/self/fd/0 shows it. */
	if (mkdirat(mount, "dev", 0755) || mknodat(mount, "dev/null", S_IFCHR | 0666, makedev(1, 3)))
		return -errno;
	int error = protect_mount(mount, MOUNT_ATTR_NOEXEC);
	if (error)
		return error;
	int fd = openat(mount, "dev/null", O_RDWR | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* A FIFO in a file system of its own, which goes with it. */
static int make_fifo(int mount, int ends[2])
{
	if (mkfifoat(mount, "pipe", 0600))
		return -errno;
	ends[0] = openat(mount, "pipe", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ends[1] = ends[0] < 0 ? -1 : openat(mount, "pipe", O_WRONLY | O_CLOEXEC);
	int error = ends[1] < 0 || fcntl(ends[0], F_SETFL, 0) || unlinkat(mount, "pipe", 0) ? -errno : 0;
	for (int i = 0; error && i < 2; i++)
		if (ends[i] >= 0)
			close(ends[i]);
	return error;
}

/* The kernel labels a pipe as who makes it, which a container may not read or write by every policy: so it has that of a file of the container's. */
int stdio_pipe(struct state *state, int ends[2])
{
	const char *label = own_label(state);
	if (!*label)
		return pipe2(ends, O_CLOEXEC) ? -errno : 0;
	int mount = make_mount(state, "tmpfs", label, NULL, NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	int error = mount < 0 ? mount : make_fifo(mount, ends);
	if (mount >= 0)
		close(mount);
	return error;
}

int stdio_prepare_null(struct state *state)
{
	if (state->null >= 0)
		return 0;
	/* Stays open: the kernel makes whoever closes the last fd of a mount wait, and a start has no time for it. */
	if (state->null_mount < 0)
		state->null_mount = make_mount(state, "tmpfs", own_label(state), NULL, NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	int fd = state->null_mount < 0 ? state->null_mount : make_null(state->null_mount);
	if (fd < 0)
		return fail(state, fd, "/dev/null");
	state->null = fd;
	return 0;
}

int stdio_install(struct state *state)
{
	for (int i = 0; i < 3; i++) {
		int fd = state->stdio[i] < 0 ? state->null : state->stdio[i];
		if (dup2(fd, i) < 0)
			return -errno;
		if (state->stdio[i] >= 0)
			state->stdio[i] = i;
	}
	return 0;
}

/* Opens the master and its peer. The image cannot put something else there: it must be the ptmx of a devpts. */
static int open_terminal(struct state *state, int *peer)
{
	struct stat info;
	int unlock = 0;
	int master = beneath_open(state->root, "dev/pts/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK);
	if (master < 0)
		return fail(state, master, "/dev/pts/ptmx");
	if (fstat(master, &info) || !S_ISCHR(info.st_mode) || info.st_rdev != makedev(5, 2)) {
		close(master);
		return fail(state, ENODEV, "/dev/pts/ptmx");
	}
	*peer = ioctl(master, TIOCSPTLCK, &unlock) ? -1 : ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*peer < 0) {
		int error = -errno;
		close(master);
		return fail(state, error, "terminal");
	}
	return master;
}

/* Before the root is entered, the terminal is also bound at /dev/console. */
static int bind_console(struct state *state, int peer)
{
	int target = beneath_mount_point(state->root, "dev/console", 0);
	if (target < 0)
		return target;
	int tree = sys_open_tree(peer, "", AT_EMPTY_PATH | OPEN_TREE_CLONE);
	int error = tree < 0 ? tree : sys_move_mount_fd(tree, target);
	if (tree >= 0)
		close(tree);
	close(target);
	return error;
}

/* Before the command runs, which may ask at once. */
static void set_size(const struct state *state, const struct field *f, int peer)
{
	struct winsize size = { .ws_row = state->rows, .ws_col = state->cols };
	if (!size.ws_row || !size.ws_col) {
		size.ws_row = (unsigned short)f[CONSOLE_ROWS].number;
		size.ws_col = (unsigned short)f[CONSOLE_COLS].number;
	}
	if (size.ws_row && size.ws_col)
		ioctl(peer, TIOCSWINSZ, &size);
}

int op_console(struct state *state, const struct field *f)
{
	int peer = -1;
	if (state->root < 0)
		return fail(state, EBADF, "no root");
	int master = open_terminal(state, &peer);
	if (master < 0)
		return master;
	set_size(state, f, peer);
	int error = state->entered ? 0 : bind_console(state, peer);
	/* Who is born by a forerunner takes it for its own session. */
	if (!error && ((!state->forerunner && ioctl(peer, TIOCSCTTY, 0)) || dup2(peer, 0) < 0 || dup2(peer, 1) < 0 || dup2(peer, 2) < 0))
		error = -errno;
	if (!error)
		error = send_fds(state->process.channel, "", 1, &master, 1);
	close(master);
	close(peer);
	state->has_terminal = !error;
	return error;
}
