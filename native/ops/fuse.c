/*
 * Files of /proc that are answered by a server of ours (native/procfs): a FUSE file system that is mounted nowhere but inside the
 * container, file by file.
 */
#include "core/state.h"
#include "core/sys.h"
#include "ops/beneath.h"
#include "ops/label.h"
#include "ops/operations.h"

#include <stdio.h>
#include <sys/mount.h>

/* Everybody inside may read, by the modes alone; what the mount says to be is what the files are. */
static int configure(int context, int fuse, const char *label)
{
	char number[16];
	snprintf(number, sizeof number, "%d", fuse);
	const char *const options[][2] = { { "source", "tscompose" }, { "subtype", "tscompose" }, { "fd", number },
					   { "rootmode", "40555" },   { "user_id", "0" },	 { "group_id", "0" } };
	int error = label_mount(context, label);
	for (size_t i = 0; !error && i < sizeof options / sizeof options[0]; i++)
		error = sys_fsconfig(context, FSCONFIG_SET_STRING, options[i][0], options[i][1], 0);
	if (!error)
		error = sys_fsconfig(context, FSCONFIG_SET_FLAG, "allow_other", NULL, 0);
	if (!error)
		error = sys_fsconfig(context, FSCONFIG_SET_FLAG, "default_permissions", NULL, 0);
	return error ? error : sys_fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

int op_fuse_mount(struct state *state, const struct field *f)
{
	/* What a start that failed has left. */
	if (state->fuse >= 0)
		close(state->fuse);
	state->fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (state->fuse < 0)
		return fail(state, errno, "/dev/fuse");
	int context = sys_fsopen("fuse");
	if (context < 0)
		return fail(state, context, "fuse");
	int mount = configure(context, state->fuse, field_text(&f[FUSE_MOUNT_LABEL]));
	if (!mount)
		mount = sys_fsmount(context, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	close(context);
	return slot_set(state, f[FUSE_MOUNT_SLOT].number, mount);
}

/* One file of the mount, which lies over a folder for the moment, at its place. A place that is not there is fine. */
static int cover(struct state *state, int tree, const char *path)
{
	int target = beneath_open(state->root, path, O_PATH | O_NOFOLLOW);
	if (target == -ENOENT || target == -ENOTDIR)
		return 0;
	int error = target < 0 ? target : sys_move_mount_fd(tree, target);
	if (target >= 0)
		close(target);
	return error;
}

/* A tree can only be cloned where it is mounted: it lies over /proc while its files are, and goes before they take their places. */
static int clone_files(struct state *state, int mount, const struct field *names, int *trees, uint32_t *count)
{
	int place = beneath_open(state->root, "/proc", O_PATH | O_DIRECTORY), error = 0;
	uint32_t offset = 0;
	const char *name;
	if (place < 0)
		return place;
	error = sys_move_mount_fd(mount, place);
	close(place);
	if (error)
		return error;
	while (!error && *count < FUSE_FILES_MAX && (name = field_string(names, &offset))) {
		int tree = sys_open_tree(mount, name, OPEN_TREE_CLONE | AT_SYMLINK_NOFOLLOW);
		if (tree < 0)
			error = fail(state, tree, name);
		else
			trees[(*count)++] = tree;
	}
	/* By its own root, since no name leads there. */
	if (fchdir(mount) || umount2(".", MNT_DETACH))
		error = error ? error : -errno;
	return fchdir(state->root) && !error ? -errno : error;
}

int op_fuse_files(struct state *state, const struct field *f)
{
	int mount = slot_get(state, f[FUSE_FILES_SLOT].number), trees[FUSE_FILES_MAX];
	uint32_t count = 0, offset = 0;
	const char *path;
	if (mount < 0 || state->root < 0)
		return -EBADF;
	int error = clone_files(state, mount, &f[FUSE_FILES_NAMES], trees, &count);
	for (uint32_t i = 0; i < count; i++) {
		path = error ? NULL : field_string(&f[FUSE_FILES_PATHS], &offset);
		if (path && (error = cover(state, trees[i], path)))
			fail(state, error, path);
		close(trees[i]);
	}
	return error;
}
