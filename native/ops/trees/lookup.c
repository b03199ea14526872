/* What lies at a path beneath a root: looked at, never opened. */
#include "core/state.h"
#include "core/sys.h"
#include "ops/beneath.h"
#include "ops/operations.h"
#include "ops/trees/files.h"

#include <linux/limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The path of an open object as the kernel knows it, without that of its root. */
static int path_within(int root, int fd, char path[PATH_MAX])
{
	char name[32], top[PATH_MAX];
	path_of_fd(root, name);
	ssize_t above = readlink(name, top, sizeof top);
	path_of_fd(fd, name);
	ssize_t length = readlink(name, path, PATH_MAX);
	if (above < 0 || length < 0)
		return -errno;
	if (above == PATH_MAX || length == PATH_MAX)
		return -ENAMETOOLONG;
	/* A root that is mounted nowhere is `/` itself. */
	if (above == 1)
		above = 0;
	if (length < above || memcmp(path, top, (size_t)above) || (length > above && path[above] != '/'))
		return -ESTALE;
	memmove(path, path + above, (size_t)(length - above));
	path[length - above] = 0;
	return (int)(length - above);
}

/* Whether a path leads to what was opened. Of what has lost its name meanwhile the kernel knows none that does. */
static bool leads_to(int root, const char *path, int fd)
{
	struct stat is, was;
	int again = beneath_open(root, path[0] ? path : "/", O_PATH | O_NOFOLLOW);
	bool same = again >= 0 && !fstat(again, &is) && !fstat(fd, &was) && is.st_dev == was.st_dev && is.st_ino == was.st_ino;
	if (again >= 0)
		close(again);
	return same;
}

/* Opens what lies at a path, and tells by which path without links. -ESTALE: another thing each time. */
static int find(int root, const char *path, int flags, char found[PATH_MAX], int *length)
{
	for (int tries = 0; tries < 128; tries++) {
		int fd = beneath_open(root, path, flags);
		if (fd < 0)
			return fd;
		*length = path_within(root, fd, found);
		if (*length >= 0 && leads_to(root, found, fd))
			return fd;
		close(fd);
		if (*length < 0 && *length != -ESTALE)
			return *length;
	}
	return -ESTALE;
}

static int add_found(struct state *state, int fd, const char *path, int length)
{
	struct stat info;
	char target[PATH_MAX];
	struct buffer out = { 0 };
	ssize_t linked = fstat(fd, &info) ? -1 : S_ISLNK(info.st_mode) ? readlinkat(fd, "", target, sizeof target) : 0;
	if (linked < 0)
		return -errno;
	const int64_t wide[] = { info.st_size, info.st_mtim.tv_sec };
	const uint32_t numbers[] = { info.st_mode, (uint32_t)info.st_mtim.tv_nsec, (uint32_t)length, (uint32_t)linked };
	int error = buffer_append(&out, wide, sizeof wide, 3 * PATH_MAX);
	if (!error)
		error = buffer_append(&out, numbers, sizeof numbers, 3 * PATH_MAX);
	if (!error)
		error = buffer_append(&out, path, (size_t)length, 3 * PATH_MAX);
	if (!error)
		error = buffer_append(&out, target, (size_t)linked, 3 * PATH_MAX);
	if (!error)
		error = add_result(state, out.bytes, out.length);
	free(out.bytes);
	return error;
}

/* No result when there is nothing. */
int op_look_up(struct state *state, const struct field *f)
{
	char found[PATH_MAX];
	int length = 0;
	const char *path = field_text(&f[LOOK_UP_PATH]);
	int root = slot_get(state, f[LOOK_UP_SLOT].number);
	int flags = f[LOOK_UP_FOLLOW].number ? O_PATH : O_PATH | O_NOFOLLOW;
	int fd = root < 0 ? root : find(root, path, flags, found, &length);
	if (fd == -ENOENT || fd == -ENOTDIR)
		return 0;
	if (fd < 0)
		return fail(state, fd, path);
	int error = add_found(state, fd, found, length);
	close(fd);
	return error;
}
