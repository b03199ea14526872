/*
 * Paths beneath a root. Each is resolved by one openat2 with IN_ROOT and NO_MAGICLINKS, and then only its fd is used:
 * there is no moment between check and use in which a link could be swapped.
 */
#include "ops/beneath.h"
#include "core/io.h"
#include "core/state.h"
#include "core/sys.h"
#include "ops/operations.h"

#include <linux/limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define BENEATH (RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)

/* As many links in a row as the kernel follows. */
#define MOST_LINKS 40

/* A root that is a file, as the source of a bind may be: it is all that lies beneath itself. */
static int open_itself(int root, const char *path)
{
	int fd = path[strspn(path, "/")] ? -1 : fcntl(root, F_DUPFD_CLOEXEC, 0);
	return fd < 0 ? -ENOTDIR : fd;
}

int beneath_open(int root, const char *path, int flags)
{
	int fd;
	/* EAGAIN: something was renamed meanwhile, and the kernel cannot be sure; ask again. */
	for (int tries = 0; tries < 128; tries++) {
		fd = sys_openat2(root, path, (uint64_t)flags, 0, BENEATH);
		if (fd != -EAGAIN)
			break;
	}
	return fd == -ENOTDIR && (flags & O_PATH) && !(flags & O_DIRECTORY) ? open_itself(root, path) : fd;
}

static int valid_name(const char *name)
{
	return name[0] && strcmp(name, ".") && strcmp(name, "..") && !strchr(name, '/');
}

/* Makes a folder whose parent is open. */
static int make_step(int parent, const char *name, const struct stat *wanted)
{
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return -EEXIST;
	if (mkdirat(parent, name, wanted->st_mode))
		return -errno;
	/* By fd from here on: the name may be swapped for a link by whoever shares the folder. */
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* Owner first: chown clears setuid bits. */
	if (fchown(fd, wanted->st_uid, wanted->st_gid) || fchmod(fd, wanted->st_mode)) {
		int error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

/* The folder that the first `length` bytes of a path lead to. */
static int open_prefix(int root, const char *path, size_t length)
{
	char prefix[PATH_MAX];
	memcpy(prefix, path, length);
	prefix[length] = 0;
	return beneath_open(root, length ? prefix : ".", O_PATH | O_DIRECTORY);
}

/* The length of a path without slashes at its end. */
static size_t trimmed_length(const char *path, size_t length)
{
	while (length && path[length - 1] == '/')
		length--;
	return length;
}

/* The length of a path without its last name. */
static size_t parent_length(const char *path, size_t length)
{
	while (length && path[length - 1] != '/')
		length--;
	return trimmed_length(path, length);
}

/* The folder that the first `end` bytes of a path lead to, whose last name, from `start` on, lies in `parent`; it is made where it is missing. */
static int ensure_step(int root, int parent, const char *path, size_t start, size_t end, const struct stat *wanted)
{
	char name[NAME_MAX + 1];
	if (end - start > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, path + start, end - start);
	name[end - start] = 0;
	int fd = make_step(parent, name, wanted);
	if (fd != -EEXIST)
		return fd;
	/* Somebody else has made it meanwhile, or it is a link to nothing. What is found was resolved from the root again. */
	fd = open_prefix(root, path, end);
	return fd == -ENOENT ? -ENOTDIR : fd;
}

/* Makes what is missing of the first `length` bytes of a path behind the first `there`, which `fd` is. Returns an fd of the last. */
static int ensure_steps(int root, int fd, const char *path, size_t there, size_t length, const struct stat *last)
{
	const struct stat between = { .st_mode = 0755 };
	for (size_t start = there, end; fd >= 0 && start < length; start = end) {
		start += strspn(path + start, "/");
		end = start + strcspn(path + start, "/");
		int next = ensure_step(root, fd, path, start, end, end == length && last ? last : &between);
		close(fd);
		fd = next;
	}
	return fd;
}

/* An fd of what the first `length` bytes of a path lead to; folders that are missing are made. */
static int ensure_prefix(int root, const char *path, size_t length, const struct stat *last)
{
	int fd = length < PATH_MAX ? -ENOENT : -ENAMETOOLONG;
	size_t there = length = trimmed_length(path, length);
	/* Mostly all of it is there, or all but its last name. */
	while (fd == -ENOENT && (fd = open_prefix(root, path, there)) == -ENOENT && there)
		there = parent_length(path, there);
	return fd < 0 ? fd : ensure_steps(root, fd, path, there, length, last);
}

int beneath_folder(int root, const char *path, mode_t mode, uid_t uid, gid_t gid)
{
	const struct stat wanted = { .st_mode = mode & 07777, .st_uid = uid, .st_gid = gid };
	/* In a root that was just made a name alone is no path to look for. */
	int fd = path[0] && !strchr(path, '/') ? make_step(root, path, &wanted) : -EEXIST;
	return fd != -EEXIST ? fd : ensure_prefix(root, path, strlen(path), &wanted);
}

int beneath_parent(int root, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	*name = slash ? slash + 1 : path;
	if (!valid_name(*name))
		return -EINVAL;
	return ensure_prefix(root, path, slash ? (size_t)(slash - path) : 0, NULL);
}

static int beneath_file(int root, const char *path)
{
	const char *name;
	int parent = beneath_parent(root, path, &name);
	if (parent < 0)
		return parent;
	int fd = openat(parent, name, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0644);
	int error = fd < 0 ? -errno : 0;
	if (fd >= 0)
		close(fd);
	if (!error || error == -EEXIST)
		error = beneath_open(root, path, O_PATH);
	close(parent);
	return error;
}

/* Replaces the path of a link by the one that it leads to. Whatever else is there gives -EINVAL. */
static int follow_link(int root, char path[PATH_MAX])
{
	char target[PATH_MAX];
	const char *name;
	int parent = beneath_parent(root, path, &name);
	if (parent < 0)
		return parent;
	ssize_t length = readlinkat(parent, name, target, sizeof(target));
	int error = length < 0 ? -errno : 0;
	close(parent);
	while (length > 1 && target[length - 1] == '/')
		length--;
	size_t kept = error || target[0] == '/' ? 0 : (size_t)(name - path);
	if (!error && kept + (size_t)length >= PATH_MAX)
		error = -ENAMETOOLONG;
	if (error)
		return error;
	memcpy(path + kept, target, (size_t)length);
	path[kept + (size_t)length] = 0;
	return 0;
}

int beneath_mount_point(int root, const char *path, mode_t folder)
{
	char place[PATH_MAX];
	size_t length = strlen(path);
	if (length >= sizeof(place))
		return -ENAMETOOLONG;
	memcpy(place, path, length + 1);
	for (int links = 0; links < MOST_LINKS; links++) {
		int fd = folder ? beneath_folder(root, place, folder, 0, 0) : beneath_file(root, place);
		/* What a link to nothing gives: it is there, and nothing is found by it. */
		if (fd != (folder ? -ENOTDIR : -ENOENT) || follow_link(root, place))
			return fd;
	}
	return -ELOOP;
}

/* Where an operation's path starts: its slot, or the container's root. */
static int start_of(struct state *state, const struct field *slot)
{
	if (slot->number != ABSENT)
		return slot_get(state, slot->number);
	return state->root >= 0 ? state->root : fail(state, EBADF, "no root");
}

int op_mkdir(struct state *state, const struct field *f)
{
	int root = start_of(state, &f[MKDIR_SLOT]);
	if (root < 0)
		return root;
	int fd = beneath_folder(root, field_text(&f[MKDIR_PATH]), (mode_t)f[MKDIR_MODE].number,
				(uid_t)f[MKDIR_UID].number, (gid_t)f[MKDIR_GID].number);
	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

int beneath_fresh(const struct state *state, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	const size_t length = slash ? (size_t)(slash - path) : 0;
	*name = slash ? slash + 1 : path;
	bool there = length && state->fresh >= 0 && !strncmp(state->fresh_path, path, length) && !state->fresh_path[length];
	return there && valid_name(*name) ? state->fresh : -1;
}

/* Where a new entry is to lie: an fd of its folder, which is `root` itself where the path is no more than a name. */
static int open_place(int root, const char *path, const char **name)
{
	*name = path;
	return root >= 0 && valid_name(path) ? root : root < 0 ? root : beneath_parent(root, path, name);
}

static void leave_place(int parent, int root)
{
	if (parent != root)
		close(parent);
}

/* Takes away what stands in the way of an entry (never a folder) that could not be made. 0: it may be tried again. */
static int clear_place(int parent, const char *name, int error)
{
	return error != -EEXIST ? error : unlinkat(parent, name, 0) && errno != ENOENT ? -errno : 0;
}

int op_mknod(struct state *state, const struct field *f)
{
	static const mode_t types[] = { S_IFCHR, S_IFBLK, S_IFIFO };
	const char *name;
	int root = start_of(state, &f[MKNOD_SLOT]);
	int parent = open_place(root, field_text(&f[MKNOD_PATH]), &name);
	if (parent < 0)
		return parent;
	mode_t mode = types[f[MKNOD_TYPE].number] | (f[MKNOD_MODE].number & 07777);
	dev_t device = makedev((unsigned)f[MKNOD_MAJOR].number, (unsigned)f[MKNOD_MINOR].number);
	/* Our umask is 0, so the mode is exact at once; a chmod by name could be led astray by a link. */
	int error = mknodat(parent, name, mode, device) ? -errno : 0;
	if (error && !(error = clear_place(parent, name, error)))
		error = mknodat(parent, name, mode, device) ? -errno : 0;
	if (!error && fchownat(parent, name, (uid_t)f[MKNOD_UID].number, (gid_t)f[MKNOD_GID].number, AT_SYMLINK_NOFOLLOW))
		error = -errno;
	leave_place(parent, root);
	return error;
}

int op_symlink(struct state *state, const struct field *f)
{
	const char *target = field_text(&f[SYMLINK_TARGET]), *path = field_text(&f[SYMLINK_PATH]), *name;
	int fresh = f[SYMLINK_SLOT].number == ABSENT ? beneath_fresh(state, path, &name) : -1;
	int root = fresh >= 0 ? fresh : start_of(state, &f[SYMLINK_SLOT]);
	int parent = fresh >= 0 ? fresh : open_place(root, path, &name);
	if (parent < 0)
		return parent;
	int error = symlinkat(target, parent, name) ? -errno : 0;
	if (error && f[SYMLINK_REPLACE].number && !(error = clear_place(parent, name, error)))
		error = symlinkat(target, parent, name) ? -errno : 0;
	leave_place(parent, root);
	return error == -EEXIST ? 0 : error;
}
