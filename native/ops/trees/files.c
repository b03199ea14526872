/* Single files and folders beneath a root, for `run` programs: read, extended attributes, sizes of trees, what file systems do with them. */
#include "ops/trees/files.h"
#include "core/state.h"
#include "core/sys.h"
#include "ops/beneath.h"
#include "ops/operations.h"
#include "ops/trees/seen.h"
#include "ops/trees/walk.h"

#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>

#define XATTR_MAX 65536

void path_of_fd(int fd, char path[32])
{
	snprintf(path, 32, "/proc/self/fd/%d", fd);
}

int open_plain(int place, struct stat *info)
{
	char name[32];
	if (fstat(place, info))
		return -errno;
	if (!S_ISREG(info->st_mode))
		return -EINVAL;
	path_of_fd(place, name);
	int fd = open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int open_small(int root, const char *path, size_t max, size_t *size)
{
	struct stat info;
	int place = beneath_open(root, path, O_PATH);
	if (place < 0)
		return place;
	int fd = open_plain(place, &info);
	close(place);
	if (fd >= 0 && (uint64_t)info.st_size > max) {
		close(fd);
		return -EFBIG;
	}
	*size = fd < 0 ? 0 : (size_t)info.st_size;
	return fd;
}

int op_read_file(struct state *state, const struct field *f)
{
	int root = slot_get(state, f[READ_FILE_SLOT].number);
	size_t size, got = 0;
	if (root < 0)
		return root;
	int fd = open_small(root, field_text(&f[READ_FILE_PATH]), (size_t)f[READ_FILE_MAX_BYTES].number, &size);
	if ((fd == -ENOENT || fd == -EINVAL) && f[READ_FILE_OPTIONAL].number)
		return 0;
	if (fd < 0)
		return fd;
	char *bytes = malloc(size + 1);
	ssize_t count = bytes ? 1 : 0;
	while (bytes && got < size && (count = read(fd, bytes + got, size - got)) > 0)
		got += (size_t)count;
	int error = !bytes ? -ENOMEM : count < 0 ? -errno : add_result(state, bytes, got);
	free(bytes);
	close(fd);
	return error;
}

int op_get_xattr(struct state *state, const struct field *f)
{
	char name[32];
	int root = slot_get(state, f[GET_XATTR_SLOT].number);
	int fd = root < 0 ? root : beneath_open(root, field_text(&f[GET_XATTR_PATH]), O_PATH | O_NOFOLLOW);
	if (fd < 0)
		return fd;
	path_of_fd(fd, name);
	char *value = malloc(XATTR_MAX);
	ssize_t size = value ? getxattr(name, field_text(&f[GET_XATTR_NAME]), value, XATTR_MAX) : 0;
	int error = !value ? -ENOMEM : size >= 0 ? add_result(state, value, (size_t)size) : errno == ENODATA ? 0 : -errno;
	free(value);
	close(fd);
	return error;
}

int op_set_xattr(struct state *state, const struct field *f)
{
	char name[32];
	int root = slot_get(state, f[SET_XATTR_SLOT].number);
	int fd = root < 0 ? root : beneath_open(root, field_text(&f[SET_XATTR_PATH]), O_PATH | O_NOFOLLOW);
	if (fd < 0)
		return fd;
	path_of_fd(fd, name);
	const struct field *value = &f[SET_XATTR_VALUE];
	int error = setxattr(name, field_text(&f[SET_XATTR_NAME]), value->data, value->length, 0) ? -errno : 0;
	close(fd);
	return field_has(&f[SET_XATTR_IGNORE], -error) ? 0 : error;
}

/* Counts an entry; a folder is entered. What vanishes meanwhile counts nothing. */
static int size_entry(struct walk *walk, struct seen_files *seen, const char *name, uint64_t *total)
{
	struct stat info;
	int folder = places_top(&walk->places)->fd;
	bool there = !fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW);
	if (!there && errno != ENOENT)
		return -errno;
	bool counted = there && !S_ISDIR(info.st_mode) && info.st_nlink > 1 && seen_find(seen, &info);
	if (there && !counted)
		*total += (uint64_t)info.st_blocks * 512;
	if (there && S_ISDIR(info.st_mode)) {
		int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0)
			return walk_enter(walk, fd);
		if (errno != ENOENT)
			return -errno;
	} else if (there && info.st_nlink > 1) {
		seen_remember(seen, &info, "");
	}
	walk_done(walk);
	return 0;
}

/* Bytes on disk of a tree; a file of several names counts once. */
int op_tree_size(struct state *state, const struct field *f)
{
	struct walk walk = { 0 };
	struct seen_files seen = { 0 };
	struct stat info;
	uint64_t total = 0;
	int root = slot_get(state, f[TREE_SIZE_SLOT].number);
	int fd = root < 0 ? root : beneath_open(root, field_text(&f[TREE_SIZE_PATH]), O_RDONLY | O_DIRECTORY);
	int error = fd < 0 ? fd : fstat(fd, &info) ? -errno : 0;
	if (!error) {
		total = (uint64_t)info.st_blocks * 512;
		error = walk_enter(&walk, fd);
	} else if (fd >= 0) {
		close(fd);
	}
	while (!error && walk.places.count) {
		const char *name;
		error = walk_next(&walk, &name);
		if (!error && name) {
			error = size_entry(&walk, &seen, name, &total);
		} else if (!error && !(error = walk_leave(&walk))) {
			walk_done(&walk);
		}
	}
	if (!error)
		error = add_result(state, &total, sizeof total);
	else
		fail(state, error, walk.path.text);
	seen_free(&seen);
	walk_free(&walk);
	return error;
}

static int open_folder(struct state *state, uint64_t slot)
{
	int root = slot_get(state, slot);
	return root < 0 ? root : beneath_open(root, "/", O_RDONLY | O_DIRECTORY);
}

/* Without it a crash of the machine may leave names whose content was never written. */
int op_sync_filesystem(struct state *state, const struct field *f)
{
	int fd = open_folder(state, f[SYNC_FILESYSTEM_SLOT].number);
	int error = fd < 0 ? fd : syncfs(fd) ? -errno : 0;
	if (fd >= 0)
		close(fd);
	return error;
}

int op_spread_folders(struct state *state, const struct field *f)
{
	int flags;
	int fd = open_folder(state, f[SPREAD_FOLDERS_SLOT].number);
	int error = fd < 0 ? fd : ioctl(fd, FS_IOC_GETFLAGS, &flags) ? -errno : 0;
	if (!error && !(flags & FS_TOPDIR_FL)) {
		flags |= FS_TOPDIR_FL;
		error = ioctl(fd, FS_IOC_SETFLAGS, &flags) ? -errno : 0;
	}
	if (fd >= 0)
		close(fd);
	/* A file system without attributes, and one without this. */
	return error == -ENOTTY || error == -EOPNOTSUPP || error == -EINVAL ? 0 : error;
}
