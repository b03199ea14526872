/*
 * Copies a tree beneath one root into a tree beneath another. Links are copied as links and never followed in the
 * source; in the target a link to a folder is followed, but cannot leave the target's root.
 */
#include "core.h"

#include <dirent.h>
#include <linux/limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#define DEPTH_MAX 200
#define CHUNK (16u * 1024 * 1024)

/* A file of several names that was copied once: its other names become links. */
struct seen {
	dev_t device;
	ino_t inode;
	char *path;
};

struct copy {
	struct state *state;
	int to_root;
	bool whiteouts;
	uid_t uid; /* ABSENT: the source's */
	gid_t gid;
	mode_t mode;
	char path[PATH_MAX]; /* of the target, for messages and links */
	struct seen *seen;
	size_t seen_count;
};

static int copy_entry(struct copy *copy, int from, const char *name, int to, const char *to_name, unsigned depth);

/* Attributes that say what an overlay layer hides belong to layers alone. */
static bool keeps_attribute(const struct copy *copy, const char *name)
{
	if (!strncmp(name, "trusted.overlay.", 16))
		return copy->whiteouts && !strcmp(name, "trusted.overlay.opaque");
	return strncmp(name, "trusted.", 8) != 0;
}

static int copy_attributes(const struct copy *copy, int from, int to)
{
	char names[4096], value[65536];
	ssize_t size = flistxattr(from, names, sizeof names);
	if (size < 0)
		return errno == ENOTSUP ? 0 : -errno;
	for (char *name = names; name < names + size; name += strlen(name) + 1) {
		if (!keeps_attribute(copy, name))
			continue;
		ssize_t length = fgetxattr(from, name, value, sizeof value);
		if (length < 0 && errno != ENODATA)
			return -errno;
		if (length >= 0 && fsetxattr(to, name, value, (size_t)length, 0) && errno != ENOTSUP)
			return -errno;
	}
	return 0;
}

/* Owner, attributes, mode, times: in this order, for each of the first clears some of the next. */
static int finish(const struct copy *copy, const struct stat *info, int from, int to)
{
	const struct timespec times[2] = { info->st_atim, info->st_mtim };
	uid_t uid = copy->uid == ABSENT ? info->st_uid : copy->uid;
	gid_t gid = copy->gid == ABSENT ? info->st_gid : copy->gid;
	mode_t mode = copy->mode == ABSENT ? info->st_mode & 07777 : copy->mode & 07777;
	if (fchown(to, uid, gid))
		return -errno;
	int error = copy_attributes(copy, from, to);
	if (!error && (fchmod(to, mode) || futimens(to, times)))
		error = -errno;
	return error;
}

static int copy_bytes(int from, int to)
{
	for (;;) {
		ssize_t count = copy_file_range(from, NULL, to, NULL, CHUNK, 0);
		if (count < 0 && (errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP))
			count = sendfile(to, from, NULL, CHUNK);
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return count ? -errno : 0;
	}
}

/* Makes room for a new entry: files and links go, a folder stays and is an error for the caller. */
static int make_room(int to, const char *name)
{
	return unlinkat(to, name, 0) && errno != ENOENT ? -errno : 0;
}

static const struct seen *find_seen(const struct copy *copy, const struct stat *info)
{
	for (size_t i = copy->seen_count; i-- > 0;)
		if (copy->seen[i].inode == info->st_ino && copy->seen[i].device == info->st_dev)
			return &copy->seen[i];
	return NULL;
}

/* Remembers where a file of several names was copied to. Without memory its names become files of their own. */
static void remember(struct copy *copy, const struct stat *info)
{
	struct seen *grown = realloc(copy->seen, (copy->seen_count + 1) * sizeof *grown);
	if (!grown)
		return;
	copy->seen = grown;
	char *path = strdup(copy->path);
	if (path)
		copy->seen[copy->seen_count++] = (struct seen){ info->st_dev, info->st_ino, path };
}

static int link_seen(struct copy *copy, const struct seen *seen, int to, const char *to_name)
{
	int fd = beneath_open(copy->to_root, seen->path, O_PATH | O_NOFOLLOW);
	if (fd < 0)
		return fd;
	int error = linkat(fd, "", to, to_name, AT_EMPTY_PATH) ? -errno : 0;
	close(fd);
	return error;
}

static int copy_file(struct copy *copy, int from, const char *name, int to, const char *to_name)
{
	struct stat info;
	int error = make_room(to, to_name);
	int in = error ? -1 : openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (in < 0)
		return error ? error : -errno;
	error = fstat(in, &info) ? -errno : !S_ISREG(info.st_mode) ? -EAGAIN : 0;
	const struct seen *seen = !error && info.st_nlink > 1 ? find_seen(copy, &info) : NULL;
	if (seen) {
		close(in);
		return link_seen(copy, seen, to, to_name);
	}
	int out = error ? -1 : openat(to, to_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (!error && out < 0)
		error = -errno;
	if (!error)
		error = copy_bytes(in, out);
	if (!error)
		error = finish(copy, &info, in, out);
	if (!error && info.st_nlink > 1)
		remember(copy, &info);
	if (out >= 0)
		close(out);
	close(in);
	return error;
}

static int copy_link(struct copy *copy, const struct stat *info, int from, const char *name, int to, const char *to_name)
{
	char target[PATH_MAX];
	const struct timespec times[2] = { info->st_atim, info->st_mtim };
	ssize_t length = readlinkat(from, name, target, sizeof target - 1);
	if (length < 0)
		return -errno;
	target[length] = 0;
	int error = make_room(to, to_name);
	if (error)
		return error;
	if (symlinkat(target, to, to_name) ||
	    fchownat(to, to_name, copy->uid == ABSENT ? info->st_uid : copy->uid,
		     copy->gid == ABSENT ? info->st_gid : copy->gid, AT_SYMLINK_NOFOLLOW) ||
	    utimensat(to, to_name, times, AT_SYMLINK_NOFOLLOW))
		return -errno;
	return 0;
}

/* FIFOs and, when asked, whiteouts. Devices and sockets are nobody's to copy. */
static int copy_special(struct copy *copy, const struct stat *info, int to, const char *to_name)
{
	bool whiteout = S_ISCHR(info->st_mode) && info->st_rdev == 0 && copy->whiteouts;
	if (!whiteout && !S_ISFIFO(info->st_mode))
		return 0;
	int error = make_room(to, to_name);
	if (!error && mknodat(to, to_name, info->st_mode, 0))
		error = -errno;
	if (!error && fchownat(to, to_name, info->st_uid, info->st_gid, AT_SYMLINK_NOFOLLOW))
		error = -errno;
	return error;
}

/* Opens the target folder, made when missing. An existing link to a folder is followed beneath the root. */
static int target_folder(struct copy *copy, int to, const char *to_name, bool *made)
{
	*made = mkdirat(to, to_name, 0700) == 0;
	if (!*made && errno != EEXIST)
		return -errno;
	int fd = openat(to, to_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 || (errno != ENOTDIR && errno != ELOOP))
		return fd < 0 ? -errno : fd;
	return beneath_open(copy->to_root, copy->path, O_RDONLY | O_DIRECTORY);
}

static int copy_content(struct copy *copy, int from, int to, unsigned depth)
{
	struct dirent *entry;
	size_t length = strlen(copy->path);
	int again = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), error = 0;
	DIR *stream = again < 0 ? NULL : fdopendir(again);
	if (!stream)
		return -errno;
	while (!error && (errno = 0, entry = readdir(stream))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		int count = snprintf(copy->path + length, sizeof copy->path - length, "/%s", entry->d_name);
		if (count < 0 || (size_t)count >= sizeof copy->path - length)
			error = -ENAMETOOLONG;
		else
			error = copy_entry(copy, from, entry->d_name, to, entry->d_name, depth + 1);
		if (!error)
			copy->path[length] = 0;
	}
	if (!error && errno)
		error = -errno;
	closedir(stream);
	return error;
}

static int copy_folder(struct copy *copy, int from, const char *name, int to, const char *to_name, unsigned depth)
{
	struct stat info;
	bool made;
	if (depth > DEPTH_MAX)
		return -ELOOP;
	int in = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (in < 0)
		return -errno;
	int out = target_folder(copy, to, to_name, &made);
	int error = out < 0 ? out : fstat(in, &info) ? -errno : copy_content(copy, in, out, depth);
	/* Last, for copying the content changes its times. A folder that was there keeps what it is, as with Docker. */
	if (!error && made)
		error = finish(copy, &info, in, out);
	if (out >= 0)
		close(out);
	close(in);
	return error;
}

static int copy_entry(struct copy *copy, int from, const char *name, int to, const char *to_name, unsigned depth)
{
	struct stat info;
	if (fstatat(from, name, &info, AT_SYMLINK_NOFOLLOW))
		return -errno;
	if (S_ISDIR(info.st_mode))
		return copy_folder(copy, from, name, to, to_name, depth);
	if (S_ISREG(info.st_mode))
		return copy_file(copy, from, name, to, to_name);
	if (S_ISLNK(info.st_mode))
		return copy_link(copy, &info, from, name, to, to_name);
	return copy_special(copy, &info, to, to_name);
}

/* The source's folder content goes into the target folder; anything else takes the target's name. */
static int copy_top(struct copy *copy, int from_root, const struct field *f)
{
	struct stat info;
	const char *from_path = field_text(&f[COPY_TREE_FROM]), *name, *from_name;
	int source = beneath_open(from_root, from_path, O_PATH);
	if (source < 0)
		return fail(copy->state, source, from_path);
	int error = fstat(source, &info) ? -errno : 0, to = -1;
	if (!error && S_ISDIR(info.st_mode)) {
		bool create = f[COPY_TREE_CREATE].number;
		to = beneath_open(copy->to_root, copy->path, O_PATH | O_DIRECTORY);
		if (to == -ENOENT && create)
			to = beneath_folder(copy->to_root, copy->path, copy->mode == ABSENT ? info.st_mode : copy->mode,
					    copy->uid == ABSENT ? info.st_uid : copy->uid,
					    copy->gid == ABSENT ? info.st_gid : copy->gid);
		error = to < 0 ? to : copy_content(copy, source, to, 0);
	} else if (!error) {
		/* The fd of the object itself cannot be opened by name; its parent was resolved in the same root. */
		int parent = beneath_parent(from_root, from_path, &from_name);
		to = parent < 0 ? parent : beneath_parent(copy->to_root, copy->path, &name);
		error = to < 0 ? to : copy_entry(copy, parent, from_name, to, name, 0);
		if (parent >= 0)
			close(parent);
	}
	if (to >= 0)
		close(to);
	close(source);
	return error;
}

int op_copy_tree(struct state *state, const struct field *f)
{
	struct copy copy = {
		.state = state,
		.whiteouts = f[COPY_TREE_WHITEOUTS].number,
		.uid = (uid_t)f[COPY_TREE_UID].number,
		.gid = (gid_t)f[COPY_TREE_GID].number,
		.mode = (mode_t)f[COPY_TREE_MODE].number,
	};
	int from = slot_get(state, f[COPY_TREE_FROM_SLOT].number);
	copy.to_root = slot_get(state, f[COPY_TREE_TO_SLOT].number);
	if (from < 0 || copy.to_root < 0)
		return -EBADF;
	if (f[COPY_TREE_TO].length >= sizeof copy.path)
		return -ENAMETOOLONG;
	memcpy(copy.path, field_text(&f[COPY_TREE_TO]), f[COPY_TREE_TO].length + 1);
	int error = copy_top(&copy, from, f);
	if (error)
		fail(state, error, copy.path);
	for (size_t i = 0; i < copy.seen_count; i++)
		free(copy.seen[i].path);
	free(copy.seen);
	return error;
}
