/* Mounts: made or cloned detached outside, moved onto fds of places beneath the root inside. */
#include "ops/mounts.h"
#include "core/state.h"
#include "core/sys.h"
#include "ops/beneath.h"
#include "ops/make-mount.h"
#include "ops/namespaces.h"
#include "ops/operations.h"
#include "ops/overlay.h"

#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* Sets attributes, propagation and id map on a mount, all in one call. */
static int set_attributes(int mount, const struct mount_attr *attr, bool recursive)
{
	struct mount_attr copy = *attr;
	/* The kernel wants the whole atime field cleared before another value is set. */
	if (copy.attr_set & (MOUNT_ATTR_NOATIME | MOUNT_ATTR_STRICTATIME))
		copy.attr_clr |= MOUNT_ATTR__ATIME;
	return sys_mount_setattr(mount, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &copy);
}

int protect_mount(int mount, unsigned attributes)
{
	const struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOATIME | attributes };
	return set_attributes(mount, &attr, false);
}

/* The place that a tree is cloned from: a host path, or a path that cannot leave a slot's or a container's root. */
static int tree_source(struct state *state, const struct field *f)
{
	const char *path = field_text(&f[OPEN_TREE_PATH]);
	bool foreign = f[OPEN_TREE_NAMESPACE_SLOT].number != ABSENT;
	if (!foreign && f[OPEN_TREE_FROM_SLOT].number == ABSENT) {
		int fd = open(path, O_PATH | O_CLOEXEC);
		return fd < 0 ? -errno : fd;
	}
	int root = foreign ? open("/", O_PATH | O_DIRECTORY | O_CLOEXEC) : slot_get(state, f[OPEN_TREE_FROM_SLOT].number);
	if (root < 0)
		return foreign ? -errno : root;
	/* Itself: there is nothing to be looked for. */
	if (!foreign && !strcmp(path, "."))
		return root;
	int fd = beneath_open(root, path, O_PATH);
	if (foreign)
		close(root);
	return fd;
}

/*
 * The namespace to clone in: a tree can only be cloned where it is mounted. One that is to stay shared with the host is
 * cloned where it is shared; one of another container is in that container's.
 */
static int tree_namespace(struct state *state, const struct field *f)
{
	if (f[OPEN_TREE_NAMESPACE_SLOT].number != ABSENT)
		return slot_get(state, f[OPEN_TREE_NAMESPACE_SLOT].number);
	return f[OPEN_TREE_PROPAGATION].number == 2 ? state->host_mounts : state->own_mounts;
}

/*
 * A tree beneath one of our own that is attached nowhere: before Linux 6.15 nothing is cloned of it (-EINVAL) unless it lies over `/`
 * meanwhile, where no lookup comes by.
 */
static int clone_attached(int mount, int source, unsigned flags)
{
	if (syscall(SYS_move_mount, mount, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH))
		return -errno;
	int tree = sys_open_tree(source, "", flags);
	int error = detach_trees(&mount, 1);
	if (error && tree >= 0)
		close(tree);
	return error ? error : tree;
}

static int clone_tree(struct state *state, const struct field *f, unsigned flags)
{
	int namespace = tree_namespace(state, f);
	bool elsewhere = namespace != state->own_mounts;
	if (namespace < 0)
		return namespace;
	if (elsewhere && setns(namespace, CLONE_NEWNS))
		return -errno;
	int source = tree_source(state, f);
	flags |= AT_EMPTY_PATH | OPEN_TREE_CLONE;
	int tree = source < 0 ? source : sys_open_tree(source, "", flags);
	uint64_t from = f[OPEN_TREE_FROM_SLOT].number;
	if (source >= 0 && tree == -EINVAL && from < SLOT_MAX && state->tree[from] && mounts_privately(state))
		tree = clone_attached(state->slots[from], source, flags);
	if (source >= 0 && (from >= SLOT_MAX || source != state->slots[from]))
		close(source);
	if (elsewhere && setns(state->own_mounts, CLONE_NEWNS)) {
		int error = -errno;
		if (tree >= 0)
			close(tree);
		return error;
	}
	return tree;
}

int op_open_tree(struct state *state, const struct field *f)
{
	static const uint64_t propagations[] = { MS_PRIVATE, MS_SLAVE, 0 };
	bool recursive = f[OPEN_TREE_RECURSIVE].number;
	struct mount_attr attr = {
		.attr_set = f[OPEN_TREE_ATTRIBUTES].number & KNOWN_ATTRIBUTES,
		.propagation = propagations[f[OPEN_TREE_PROPAGATION].number],
	};
	if (f[OPEN_TREE_USERNS_SLOT].number != ABSENT) {
		int userns = slot_get(state, f[OPEN_TREE_USERNS_SLOT].number);
		if (userns < 0)
			return userns;
		attr.attr_set |= MOUNT_ATTR_IDMAP;
		attr.userns_fd = (unsigned)userns;
	}
	int tree = clone_tree(state, f, recursive ? AT_RECURSIVE : 0);
	if (tree < 0)
		return tree;
	int error = set_attributes(tree, &attr, recursive);
	if (error) {
		close(tree);
		return error;
	}
	error = slot_set(state, f[OPEN_TREE_SLOT].number, tree);
	state->tree[f[OPEN_TREE_SLOT].number] = !error;
	return error;
}

int op_fs_mount(struct state *state, const struct field *f)
{
	int mount = make_mount(state, field_text(&f[FS_MOUNT_TYPE]), field_text(&f[FS_MOUNT_LABEL]), NULL, &f[FS_MOUNT_OPTIONS],
			       (unsigned)f[FS_MOUNT_ATTRIBUTES].number);
	return slot_set(state, f[FS_MOUNT_SLOT].number, mount);
}

int op_idmap_mount(struct state *state, const struct field *f)
{
	int mount = slot_get(state, f[IDMAP_MOUNT_SLOT].number);
	int userns = slot_get(state, f[IDMAP_MOUNT_USERNS_SLOT].number);
	if (mount < 0 || userns < 0)
		return -EBADF;
	const struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (unsigned)userns };
	return set_attributes(mount, &attr, false);
}

/* Back from the host's mount namespace, with what was done there. */
static int leave_host(struct state *state, int error)
{
	return setns(state->own_mounts, CLONE_NEWNS) ? -errno : error;
}

int op_mount_host(struct state *state, const struct field *f)
{
	if (setns(state->host_mounts, CLONE_NEWNS))
		return -errno;
	int error = mount(field_text(&f[MOUNT_HOST_DEVICE]), field_text(&f[MOUNT_HOST_TARGET]),
			  field_text(&f[MOUNT_HOST_TYPE]), (unsigned long)f[MOUNT_HOST_FLAGS].number,
			  field_text(&f[MOUNT_HOST_DATA]));
	return leave_host(state, error ? -errno : 0);
}

int op_unmount_host(struct state *state, const struct field *f)
{
	if (setns(state->host_mounts, CLONE_NEWNS))
		return -errno;
	int error = umount2(field_text(&f[UNMOUNT_HOST_TARGET]), MNT_DETACH | UMOUNT_NOFOLLOW);
	return leave_host(state, error ? -errno : 0);
}

/*
 * The root is attached over `/` of this process's own mount namespace. Lookups still start at the mount below until
 * pivotRoot, so the host's paths stay reachable by no name inside, and no staging folder is needed on the host.
 */
int op_root(struct state *state, const struct field *f)
{
	int mount = slot_get(state, f[ROOT_SLOT].number);
	if (mount < 0)
		return mount;
	int error = (int)sys_result(
		syscall(SYS_move_mount, mount, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH));
	if (!error)
		state->root = mount;
	return error;
}

/* A folder that is made for a file system that has its mode: at the next start, where it is found, that is the same. */
#define FOLDER_FOR_ALL 4

/* Opens the place beneath the root where something is mounted, making it when asked. */
static int open_target(struct state *state, const char *path, unsigned create)
{
	if (state->root < 0)
		return fail(state, EBADF, "no root");
	/* A folder that is there is found by the same look. */
	bool folder = create && create != 2;
	int fd = folder ? -ENOENT : beneath_open(state->root, path, O_PATH);
	if (fd != -ENOENT || !create)
		return fd;
	return beneath_mount_point(state->root, path, !folder ? 0 : create == FOLDER_FOR_ALL ? 01777 : 0755);
}

/* `create`: nothing, a folder, a file, or what the mount itself is, which only its fd can tell for certain. */
static int attach(struct state *state, int mount, const char *path, unsigned create)
{
	struct stat info;
	const char *name;
	int fresh = create == 1 ? beneath_fresh(state, path, &name) : -1;
	if (fresh >= 0)
		return mkdirat(fresh, name, 0755) && errno != EEXIST ? -errno : sys_move_mount(mount, fresh, name);
	/* It may come to lie over the fresh one, by a path that does not tell. */
	state->fresh = -1;
	if (create == 3 && fstat(mount, &info))
		return -errno;
	int target = open_target(state, path, create == 3 ? S_ISDIR(info.st_mode) ? 1 : 2 : create);
	if (target < 0)
		return target;
	int error = sys_move_mount_fd(mount, target);
	close(target);
	return error;
}

/* The mode of the folder that is to be covered, as an option; NULL where there is none. */
static const char *mode_below(const struct state *state, const char *path, char option[16])
{
	struct stat info;
	int fd = state->root < 0 ? -EBADF : beneath_open(state->root, path, O_PATH);
	bool folder = fd >= 0 && !fstat(fd, &info) && S_ISDIR(info.st_mode);
	if (fd >= 0)
		close(fd);
	if (!folder)
		return NULL;
	snprintf(option, 16, "mode=%o", info.st_mode & 07777);
	return option;
}

static void remember_fresh(struct state *state, int mount, const char *path)
{
	state->fresh = mount;
	state->fresh_path = path;
}

int op_mount(struct state *state, const struct field *f)
{
	char mode[16];
	const char *target = field_text(&f[MOUNT_TARGET]);
	bool covers = f[MOUNT_MODE_BELOW].number;
	/* It would be the host's: a forerunner is in the host's pid namespace. */
	if (state->forerunner && !strcmp(field_text(&f[MOUNT_TYPE]), "proc"))
		return fail(state, EINVAL, "proc of a pid namespace that is joined");
	int mount = make_mount(state, field_text(&f[MOUNT_TYPE]), field_text(&f[MOUNT_LABEL]),
			       covers ? mode_below(state, target, mode) : NULL, &f[MOUNT_OPTIONS],
			       (unsigned)f[MOUNT_ATTRIBUTES].number);
	if (mount < 0 && field_has(&f[MOUNT_IGNORE], -mount)) {
		state->failure = (struct failure){ 0 };
		return 0;
	}
	if (mount < 0)
		return mount;
	int error = attach(state, mount, target, covers ? FOLDER_FOR_ALL : 1);
	/* Its fd goes with all others when the command begins. */
	if (!error && !covers && state->fresh < 0 && !strcmp(field_text(&f[MOUNT_TYPE]), "tmpfs"))
		remember_fresh(state, mount, target);
	else
		close(mount);
	return error;
}

int op_move_mount(struct state *state, const struct field *f)
{
	const char *target = field_text(&f[MOVE_MOUNT_TARGET]);
	int mount = slot_get(state, f[MOVE_MOUNT_SLOT].number);
	int error = mount < 0 ? mount : attach(state, mount, target, (unsigned)f[MOVE_MOUNT_CREATE].number);
	/* What was cloned is somebody else's, too. */
	if (!error && state->fresh < 0 && !state->tree[f[MOVE_MOUNT_SLOT].number])
		remember_fresh(state, mount, target);
	return error;
}

int op_bind_readonly(struct state *state, const struct field *f)
{
	const struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | SAFE };
	int target = open_target(state, field_text(&f[BIND_READONLY_PATH]), 0);
	if (target == -ENOENT || target == -ENOTDIR)
		return 0;
	if (target < 0)
		return target;
	int tree = sys_open_tree(target, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | AT_RECURSIVE);
	int error = tree < 0 ? tree : set_attributes(tree, &attr, true);
	if (!error)
		error = sys_move_mount_fd(tree, target);
	if (tree >= 0)
		close(tree);
	close(target);
	return error;
}

/* The null device at a place that was opened, once it is certain that it is that device; takes the fd. */
static int check_null(int fd)
{
	struct stat info;
	if (fd < 0)
		return fd;
	if (!fstat(fd, &info) && S_ISCHR(info.st_mode) && info.st_rdev == makedev(1, 3))
		return fd;
	close(fd);
	return -ENODEV;
}

/*
 * A bind of the null device: the container's own, so that none of the host's file systems shows inside, else the
 * host's. Read-only, for a chmod through the mask would otherwise reach the device's inode.
 */
static int make_null_cover(const struct state *state)
{
	const struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC };
	int fd = check_null(beneath_open(state->root, "/dev/null", O_PATH | O_NOFOLLOW));
	if (fd < 0)
		fd = check_null(open("/dev/null", O_PATH | O_NOFOLLOW | O_CLOEXEC));
	/* A container that was entered may have removed its own. */
	if (fd < 0)
		fd = check_null(dup(state->spare_null));
	if (fd < 0)
		return -ENODEV;
	int tree = sys_open_tree(fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE);
	/* It is detached: the first file gets the mount itself. */
	if (tree == -EINVAL)
		tree = dup(fd);
	close(fd);
	int error = tree < 0 ? tree : set_attributes(tree, &attr, false);
	if (error && tree >= 0)
		close(tree);
	return error ? error : tree;
}

/* What hides one folder or file more: a bind of the one empty read-only tmpfs, or of the one bind of the null device. */
static int next_cover(struct state *state, bool folder, const char *label)
{
	int *cover = folder ? &state->hide : &state->hide_file;
	if (*cover >= 0)
		return sys_open_tree(*cover, "", AT_EMPTY_PATH | OPEN_TREE_CLONE);
	*cover = folder ? make_mount(state, "tmpfs", label, NULL, NULL, MOUNT_ATTR_RDONLY | SAFE) : make_null_cover(state);
	/* A detached mount cannot be cloned before Linux 6.15: the first place gets the mount itself. */
	return *cover < 0 ? *cover : dup(*cover);
}

int op_mask(struct state *state, const struct field *f)
{
	struct stat info;
	int target = open_target(state, field_text(&f[MASK_PATH]), 0);
	if (target < 0)
		return target == -ENOENT || target == -ENOTDIR ? 0 : target;
	int error = fstat(target, &info) ? -errno : 0;
	int cover = error ? error : next_cover(state, S_ISDIR(info.st_mode), field_text(&f[MASK_LABEL]));
	error = cover < 0 ? cover : sys_move_mount_fd(cover, target);
	if (cover >= 0)
		close(cover);
	close(target);
	return error;
}

int op_set_attributes(struct state *state, const struct field *f)
{
	const struct mount_attr attr = { .attr_set = f[SET_ATTRIBUTES_ATTRIBUTES].number & KNOWN_ATTRIBUTES };
	int target = open_target(state, field_text(&f[SET_ATTRIBUTES_PATH]), 0);
	if (target < 0)
		return target;
	int error = set_attributes(target, &attr, false);
	close(target);
	return error;
}

/* The host's tree ends below our root, and is let go of whole. */
int op_pivot_root(struct state *state, const struct field *f)
{
	(void)f;
	if (state->root < 0)
		return fail(state, EBADF, "no root");
	if (fchdir(state->root) || syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) || chdir("/"))
		return -errno;
	state->entered = true;
	return 0;
}
