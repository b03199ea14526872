/*
 * Copies a tree beneath one root into a tree beneath another. Links are copied as links and never followed in the
 * source; in the target a link to a folder is followed, but cannot leave the target's root.
 */
#include "core/state.h"
#include "core/sys.h"
#include "ops/beneath.h"
#include "ops/operations.h"
#include "ops/trees/files.h"
#include "ops/trees/seen.h"
#include "ops/trees/walk.h"

#include <linux/fs.h>
#include <linux/limits.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/xattr.h>

#define CHUNK (16u * 1024 * 1024)

struct copy {
	struct state *state;
	int to_root;
	bool whiteouts;
	uid_t uid; /* ABSENT: the source's */
	gid_t gid;
	mode_t mode;
	struct walk walk; /* of the source; its path is the target's, for messages and links */
	struct places targets; /* as deep as the walk; marked: becomes what the source's folder is */
	struct seen_files seen;
};

/* Attributes that say what an overlay layer hides belong to layers alone. */
static bool keeps_attribute(const struct copy *copy, const char *name)
{
	if (!strncmp(name, "trusted.overlay.", 16))
		return copy->whiteouts && !strcmp(name, "trusted.overlay.opaque");
	return strncmp(name, "trusted.", 8) != 0;
}

static int copy_attributes(const struct copy *copy, int from, int to)
{
	char names[65536], value[65536];
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

/* Both files stand where the bytes are. Fewer than there should be: somebody has made the file shorter meanwhile. */
static int copy_range(int from, int to, off_t length)
{
	while (length > 0) {
		size_t chunk = length < CHUNK ? (size_t)length : CHUNK;
		ssize_t count = copy_file_range(from, NULL, to, NULL, chunk, 0);
		if (count < 0 && (errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP))
			count = sendfile(to, from, NULL, chunk);
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return count ? -errno : 0;
		length -= count;
	}
	return 0;
}

/* Where the file system can, both files have the same blocks until one of them is written. Otherwise holes stay holes. */
static int copy_bytes(int from, int to)
{
	off_t start, end = 0;
	if (!ioctl(to, FICLONE, from))
		return 0;
	while ((start = lseek(from, end, SEEK_DATA)) >= 0) {
		end = lseek(from, start, SEEK_HOLE);
		if (end < 0 || lseek(from, start, SEEK_SET) < 0 || lseek(to, start, SEEK_SET) < 0)
			return -errno;
		int error = copy_range(from, to, end - start);
		if (error)
			return error;
	}
	struct stat info;
	return errno != ENXIO || fstat(from, &info) || ftruncate(to, info.st_size) ? -errno : 0;
}

/* Makes room for a new entry: files and links go, a folder stays and is an error for the caller. */
static int make_room(int to, const char *name)
{
	return unlinkat(to, name, 0) && errno != ENOENT ? -errno : 0;
}

/* A further name of a file that was copied. */
static int link_seen(const struct copy *copy, const char *path, int to, const char *to_name)
{
	int fd = beneath_open(copy->to_root, path, O_PATH | O_NOFOLLOW);
	if (fd < 0)
		return fd;
	int error = linkat(fd, "", to, to_name, AT_EMPTY_PATH) ? -errno : 0;
	close(fd);
	return error;
}

static int copy_content(struct copy *copy, const struct stat *info, int in, int to, const char *to_name)
{
	int out = openat(to, to_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int error = out < 0 ? -errno : copy_bytes(in, out);
	if (!error)
		error = finish(copy, info, in, out);
	if (out >= 0)
		close(out);
	return error;
}

static int copy_file(struct copy *copy, int place, int to, const char *to_name)
{
	struct stat info;
	int error = make_room(to, to_name);
	int in = error ? error : open_plain(place, &info);
	if (in < 0)
		return in;
	const char *seen = info.st_nlink > 1 ? seen_find(&copy->seen, &info) : NULL;
	if (seen)
		error = link_seen(copy, seen, to, to_name);
	/* A name too long to be linked to: the file is copied once more. */
	if (!seen || error == -ENAMETOOLONG) {
		error = copy_content(copy, &info, in, to, to_name);
		if (!error && info.st_nlink > 1)
			seen_remember(&copy->seen, &info, copy->walk.path.text);
	}
	close(in);
	return error;
}

static int copy_link(struct copy *copy, const struct stat *info, int place, int to, const char *to_name)
{
	char target[PATH_MAX];
	const struct timespec times[2] = { info->st_atim, info->st_mtim };
	ssize_t length = readlinkat(place, "", target, sizeof target - 1);
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

/* FIFOs, devices and, when asked, whiteouts, which look like devices. Sockets are nobody's to copy. */
static int copy_special(struct copy *copy, const struct stat *info, int to, const char *to_name)
{
	const struct timespec times[2] = { info->st_atim, info->st_mtim };
	bool whiteout = S_ISCHR(info->st_mode) && info->st_rdev == 0;
	if (S_ISSOCK(info->st_mode) || (whiteout && !copy->whiteouts))
		return 0;
	mode_t mode = copy->mode == ABSENT || whiteout ? info->st_mode & 07777 : copy->mode & 07777;
	int error = make_room(to, to_name);
	if (error)
		return error;
	if (mknodat(to, to_name, (info->st_mode & S_IFMT) | 0600, info->st_rdev) ||
	    fchownat(to, to_name, copy->uid == ABSENT ? info->st_uid : copy->uid,
		     copy->gid == ABSENT ? info->st_gid : copy->gid, AT_SYMLINK_NOFOLLOW) ||
	    fchmodat(to, to_name, mode, 0) || utimensat(to, to_name, times, AT_SYMLINK_NOFOLLOW))
		return -errno;
	return 0;
}

/* Opens the target folder, made when missing. An existing link to a folder is followed beneath the root. */
static int target_folder(struct copy *copy, int to, const char *to_name, bool *followed)
{
	*followed = false;
	if (mkdirat(to, to_name, 0700) && errno != EEXIST)
		return -errno;
	int fd = openat(to, to_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 || (errno != ENOTDIR && errno != ELOOP))
		return fd < 0 ? -errno : fd;
	*followed = true;
	return beneath_open(copy->to_root, copy->walk.path.text, O_RDONLY | O_DIRECTORY);
}

static int enter(struct copy *copy, int in, int out, bool becomes, bool followed)
{
	int error = places_push(&copy->targets, out, followed);
	if (error) {
		close(in);
		return error;
	}
	places_top(&copy->targets)->mark = becomes;
	return walk_enter(&copy->walk, in);
}

static int enter_folder(struct copy *copy, int place, int to, const char *to_name)
{
	bool followed;
	int in = openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (in < 0)
		return -errno;
	int out = target_folder(copy, to, to_name, &followed);
	if (out < 0) {
		close(in);
		return out;
	}
	return enter(copy, in, out, !followed, followed);
}

/*
 * Last of a folder, for copying the content changes its times. One that a link led to stays what it is, and the topmost
 * takes the times alone.
 */
static int leave_folder(struct copy *copy)
{
	struct stat info = { 0 };
	const struct place *target = places_top(&copy->targets);
	int in = places_top(&copy->walk.places)->fd, error = fstat(in, &info) ? -errno : 0;
	const struct timespec times[2] = { info.st_atim, info.st_mtim };
	if (!error && target->mark)
		error = finish(copy, &info, in, target->fd);
	else if (!error && copy->targets.count == 1 && utimensat(target->fd, ".", times, 0))
		error = -errno;
	if (!error)
		error = walk_leave(&copy->walk);
	if (!error)
		error = places_pop(&copy->targets);
	return error;
}

/* A folder is entered; all else is copied at once. It is what the O_PATH fd is, whatever has its name by now. */
static int copy_place(struct copy *copy, int place, int to, const char *to_name)
{
	struct stat info;
	int error;
	if (fstat(place, &info))
		return -errno;
	if (S_ISDIR(info.st_mode))
		return enter_folder(copy, place, to, to_name);
	if (S_ISREG(info.st_mode))
		error = copy_file(copy, place, to, to_name);
	else if (S_ISLNK(info.st_mode))
		error = copy_link(copy, &info, place, to, to_name);
	else
		error = copy_special(copy, &info, to, to_name);
	/* The path of what failed stays, to be told. */
	if (!error)
		walk_done(&copy->walk);
	return error;
}

static int copy_entry(struct copy *copy, int from, int to, const char *name)
{
	int place = openat(from, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (place < 0)
		return -errno;
	int error = copy_place(copy, place, to, name);
	close(place);
	return error;
}

/* Copies what is in the folder that was entered, until it has been left. */
static int copy_entered(struct copy *copy)
{
	int error = 0;
	while (!error && copy->walk.places.count) {
		const char *name;
		error = walk_next(&copy->walk, &name);
		if (error)
			break;
		if (name) {
			int from = places_top(&copy->walk.places)->fd, to = places_top(&copy->targets)->fd;
			error = copy_entry(copy, from, to, name);
			continue;
		}
		error = leave_folder(copy);
		if (!error && copy->walk.places.count)
			walk_done(&copy->walk);
	}
	return error;
}

/* Copies the content of a folder into another, made when asked for. */
static int copy_folder(struct copy *copy, const struct stat *info, int source, bool create)
{
	const char *path = copy->walk.path.text;
	int to = beneath_open(copy->to_root, path, O_PATH | O_DIRECTORY);
	if (to == -ENOENT && create)
		to = beneath_folder(copy->to_root, path, copy->mode == ABSENT ? info->st_mode : copy->mode,
				    copy->uid == ABSENT ? info->st_uid : copy->uid,
				    copy->gid == ABSENT ? info->st_gid : copy->gid);
	if (to < 0)
		return to;
	int in = openat(source, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (in < 0) {
		int error = -errno;
		close(to);
		return error;
	}
	return enter(copy, in, to, false, false);
}

/* The source's folder content goes into the target folder; anything else takes the target's name. */
static int copy_top(struct copy *copy, int from_root, const struct field *f)
{
	struct stat info;
	const char *from_path = field_text(&f[COPY_TREE_FROM]), *to_path = field_text(&f[COPY_TREE_TO]), *name;
	int source = beneath_open(from_root, from_path, O_PATH);
	if (source < 0)
		return fail(copy->state, source, from_path);
	int error = fstat(source, &info) ? -errno : 0;
	if (!error && S_ISDIR(info.st_mode)) {
		error = copy_folder(copy, &info, source, f[COPY_TREE_CREATE].number);
	} else if (!error) {
		int to = beneath_parent(copy->to_root, to_path, &name);
		error = to < 0 ? to : copy_place(copy, source, to, name);
		if (to >= 0)
			close(to);
	}
	close(source);
	return error ? error : copy_entered(copy);
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
	int error = path_set(&copy.walk.path, field_text(&f[COPY_TREE_TO]));
	if (!error)
		error = copy_top(&copy, from, f);
	if (error)
		fail(state, error, copy.walk.path.text);
	places_free(&copy.targets);
	seen_free(&copy.seen);
	walk_free(&copy.walk);
	return error;
}
