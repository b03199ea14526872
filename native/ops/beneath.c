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

/* Ensures one folder of a path whose parent is open. The fd returned was resolved from the root again. */
static int ensure_step(int root, int parent, const char *prefix, const char *name, const struct stat *wanted)
{
	int fd = beneath_open(root, prefix, O_PATH | O_DIRECTORY);
	if (fd != -ENOENT)
		return fd;
	if (!valid_name(name))
		return -EINVAL;
	if (mkdirat(parent, name, wanted->st_mode))
		return errno == EEXIST ? -ENOTDIR : -errno;
	/* By fd from here on: the name may be swapped for a link by whoever shares the folder. */
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
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

/* Walks the first `length` bytes of a path, making folders that are missing. Returns an fd of the last. */
static int ensure_prefix(int root, const char *path, size_t length, const struct stat *last)
{
	char prefix[PATH_MAX], name[NAME_MAX + 1];
	const struct stat between = { .st_mode = 0755 };
	if (length >= PATH_MAX)
		return -ENAMETOOLONG;
	int fd = beneath_open(root, ".", O_PATH | O_DIRECTORY);
	for (size_t start = 0, end; fd >= 0 && start < length; start = end) {
		while (start < length && path[start] == '/')
			start++;
		for (end = start; end < length && path[end] != '/'; end++)
			;
		if (start == end)
			break;
		if (end - start > NAME_MAX) {
			close(fd);
			return -ENAMETOOLONG;
		}
		memcpy(prefix, path, end);
		prefix[end] = 0;
		memcpy(name, path + start, end - start);
		name[end - start] = 0;
		int next = ensure_step(root, fd, prefix, name, end == length && last ? last : &between);
		close(fd);
		fd = next;
	}
	return fd;
}

static size_t trimmed_length(const char *path)
{
	size_t length = strlen(path);
	while (length && path[length - 1] == '/')
		length--;
	return length;
}

int beneath_folder(int root, const char *path, mode_t mode, uid_t uid, gid_t gid)
{
	const struct stat wanted = { .st_mode = mode & 07777, .st_uid = uid, .st_gid = gid };
	return ensure_prefix(root, path, trimmed_length(path), &wanted);
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

/* Opens the parent of a new entry and removes what stands in its place (never a folder). */
static int replace_entry(struct state *state, const struct field *slot, const char *path, const char **name)
{
	int root = start_of(state, slot);
	int parent = root < 0 ? root : beneath_parent(root, path, name);
	if (parent < 0)
		return parent;
	if (unlinkat(parent, *name, 0) && errno != ENOENT) {
		int error = -errno;
		close(parent);
		return error;
	}
	return parent;
}

int op_mknod(struct state *state, const struct field *f)
{
	static const mode_t types[] = { S_IFCHR, S_IFBLK, S_IFIFO };
	const char *name;
	int parent = replace_entry(state, &f[MKNOD_SLOT], field_text(&f[MKNOD_PATH]), &name);
	if (parent < 0)
		return parent;
	mode_t mode = types[f[MKNOD_TYPE].number] | (f[MKNOD_MODE].number & 07777);
	dev_t device = makedev((unsigned)f[MKNOD_MAJOR].number, (unsigned)f[MKNOD_MINOR].number);
	/* Our umask is 0, so the mode is exact at once; a chmod by name could be led astray by a link. */
	int error = mknodat(parent, name, mode, device) ? -errno : 0;
	if (!error && fchownat(parent, name, (uid_t)f[MKNOD_UID].number, (gid_t)f[MKNOD_GID].number, AT_SYMLINK_NOFOLLOW))
		error = -errno;
	close(parent);
	return error;
}

int op_symlink(struct state *state, const struct field *f)
{
	const char *path = field_text(&f[SYMLINK_PATH]), *name;
	int parent;
	if (f[SYMLINK_REPLACE].number) {
		parent = replace_entry(state, &f[SYMLINK_SLOT], path, &name);
	} else {
		int root = start_of(state, &f[SYMLINK_SLOT]);
		parent = root < 0 ? root : beneath_parent(root, path, &name);
	}
	if (parent < 0)
		return parent;
	int error = symlinkat(field_text(&f[SYMLINK_TARGET]), parent, name) ? -errno : 0;
	close(parent);
	return error == -EEXIST ? 0 : error;
}
