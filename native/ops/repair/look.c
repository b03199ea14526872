/*
 * What a look reads of many containers in one `run` program, in the place of a call of Node's for each file: files of the kernel's, which
 * file a path leads to, and whether a table of mounts is as it was.
 */
#include "core/state.h"
#include "core/sys.h"
#include "ops/beneath.h"
#include "ops/namespaces.h"
#include "ops/operations.h"

#include <linux/limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#define FILE_MAX 65536
#define FILES_MAX (1024u * 1024)
#define SIZES_MAX 64
#define PIECE 2048

static bool is_wanted(const struct field *starts, const char *line)
{
	uint32_t offset = 0;
	const char *start;
	while ((start = field_string(starts, &offset)))
		if (!strncmp(line, start, strlen(start)))
			return true;
	return !starts->count;
}

/* Leaves the lines that were asked for, each with its end. The text ends with a NUL. */
static ssize_t keep_lines(char *text, ssize_t length, const struct field *starts)
{
	ssize_t kept = 0;
	for (ssize_t at = 0, next; at < length; at = next) {
		const char *end = memchr(text + at, '\n', (size_t)(length - at));
		next = end ? end - text + 1 : length;
		if (!is_wanted(starts, text + at))
			continue;
		memmove(text + kept, text + at, (size_t)(next - at));
		kept += next - at;
	}
	return kept;
}

/*
 * Its length, or a negative errno. What is no file of the kernel's never holds it up. The kernel gives of its files as many lines as a page has room
 * for: none of those that are read is longer than half of one, so less than that was all.
 */
static ssize_t read_whole(int folder, const char *name, char text[FILE_MAX], struct stat *info)
{
	ssize_t length = 0, count = PIECE;
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	while (count >= PIECE && length < FILE_MAX - 1) {
		count = read(fd, text + length, (size_t)(FILE_MAX - 1 - length));
		length = count < 0 ? -errno : length + count;
	}
	if (info && fstat(fd, info))
		length = -errno;
	close(fd);
	return count >= PIECE ? -EFBIG : length;
}

/* Where files are read from: a folder that is open, one whose path goes in front of their names, or, where there is no text of that, nowhere. */
struct from {
	const char *path;
	int folder;
	int error; /* why it could not be opened */
};

/* A few are found sooner by whole paths than their folder is opened and closed for. */
#define FEW 3

static struct from open_from(const char *path, uint32_t count)
{
	struct from from = { strcmp(path, "/") ? path : "", AT_FDCWD, 0 };
	if (!*from.path || count <= FEW)
		return from;
	from.folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	from.error = from.folder < 0 ? -errno : 0;
	return from;
}

static ssize_t read_from(const struct from *from, const char *name, char text[FILE_MAX], struct stat *info)
{
	char path[PATH_MAX];
	if (from->error)
		return from->error;
	if (from->folder >= 0 || !*from->path)
		return read_whole(from->folder, name, text, info);
	int length = snprintf(path, sizeof path, "%s/%s", from->path, name);
	return length < (int)sizeof path ? read_whole(AT_FDCWD, path, text, info) : -ENAMETOOLONG;
}

/* {i32 length, or a negative errno; bytes} of each, and where it is asked for {u32 mode, uid, gid}. */
static int add_files(struct buffer *out, const struct from *from, const struct field *f)
{
	const struct field *lines = &f[READ_FILES_LINES];
	char text[FILE_MAX];
	uint32_t offset = 0;
	const char *name;
	int error = 0;
	while (!error && (name = field_string(&f[READ_FILES_NAMES], &offset))) {
		struct stat info = { 0 };
		ssize_t length = read_from(from, name, text, f[READ_FILES_ACCESS].number ? &info : NULL);
		if (length > 0) {
			text[length] = 0;
			length = keep_lines(text, length, lines);
		}
		int32_t told = (int32_t)length;
		error = buffer_append(out, &told, sizeof told, FILES_MAX);
		if (!error && length > 0)
			error = buffer_append(out, text, (size_t)length, FILES_MAX);
		uint32_t access[] = { info.st_mode, info.st_uid, info.st_gid };
		if (!error && f[READ_FILES_ACCESS].number)
			error = buffer_append(out, access, sizeof access, FILES_MAX);
	}
	return error;
}

/* Of one of many that has ended meanwhile there is nothing. Who lives behind it has had the number all along. */
static int add_of_process(struct state *state, struct buffer *out, const struct from *from, const struct field *f, bool *ended)
{
	int target = held_process(state, (pid_t)f[READ_FILES_PID].number, f[READ_FILES_START_TIME].number);
	int error = target == -ESRCH || target == -ENOENT ? 0 : target;
	*ended = target < 0;
	if (target < 0)
		return error;
	struct pollfd end = { target, POLLIN, 0 };
	error = add_files(out, from, f);
	*ended = poll(&end, 1, 0) != 0;
	return error;
}

int op_read_files(struct state *state, const struct field *f)
{
	struct buffer out = { 0 };
	bool ended = false;
	/* Of one that is gone each is missing. */
	struct from from = open_from(field_text(&f[READ_FILES_FOLDER]), f[READ_FILES_NAMES].count);
	int error = f[READ_FILES_PID].number ? add_of_process(state, &out, &from, f, &ended) :
					       add_files(&out, &from, f);
	if (from.folder >= 0)
		close(from.folder);
	if (!error && !ended)
		error = add_result(state, out.bytes, out.length);
	free(out.bytes);
	return error;
}

/* Whether the first word of a process's command line is this. */
static bool is_called(long pid, const char *name)
{
	char path[64], text[FILE_MAX];
	size_t length = strlen(name) + 1;
	snprintf(path, sizeof path, "/proc/%ld/cmdline", pid);
	return read_whole(AT_FDCWD, path, text, NULL) >= (ssize_t)length && !memcmp(text, name, length);
}

int op_find_child(struct state *state, const struct field *f)
{
	char path[64], text[FILE_MAX];
	uint32_t found = 0;
	snprintf(path, sizeof path, "/proc/%u/task/%u/children", (unsigned)f[FIND_CHILD_PID].number, (unsigned)f[FIND_CHILD_PID].number);
	ssize_t length = read_whole(AT_FDCWD, path, text, NULL);
	text[length < 0 ? 0 : length] = 0;
	/* The last one first: it is most often that one, which begins behind all others. Each ends in a space. */
	for (char *end = text + (length < 0 ? 0 : length); !found && end > text;) {
		*--end = 0;
		while (end > text && end[-1] != ' ')
			end--;
		long pid = strtol(end, NULL, 10);
		found = pid > 0 && is_called(pid, field_text(&f[FIND_CHILD_NAME])) ? (uint32_t)pid : 0;
	}
	return add_result(state, &found, length < 0 ? 0 : sizeof found);
}

/* The file that a path leads to: its device, and its number there. */
struct file_place {
	uint32_t major, minor;
	uint64_t inode;
};

static int stat_place(int folder, const char *path, struct file_place *place, unsigned *mode)
{
	struct statx info;
	if (statx(folder, path, AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_INO | STATX_TYPE, &info))
		return -errno;
	*mode = info.stx_mode;
	*place = (struct file_place){ info.stx_dev_major, info.stx_dev_minor, info.stx_ino };
	return 0;
}

static int place_of(int fd, struct file_place *place, unsigned *mode)
{
	return fd < 0 ? fd : stat_place(fd, "", place, mode);
}

/* Where the kernel would have to ask a disk or a server it is not known: nobody waits for one that does not answer. Our own folder always does. */
static int find_place(const char *path, const char *own, struct file_place *place)
{
	unsigned mode;
	if (*own && !strncmp(path, own, strlen(own)))
		return stat_place(AT_FDCWD, path, place, &mode);
	int fd = sys_openat2(AT_FDCWD, path, O_PATH, 0, RESOLVE_CACHED);
	int error = place_of(fd, place, &mode);
	if (fd >= 0)
		close(fd);
	return error;
}

int op_stat_files(struct state *state, const struct field *f)
{
	struct buffer out = { 0 };
	uint32_t offset = 0;
	const char *path;
	int error = 0, known = 0;
	while (!error && !known && (path = field_string(&f[STAT_FILES_PATHS], &offset))) {
		struct file_place place;
		known = find_place(path, field_text(&f[STAT_FILES_OWN]), &place);
		if (!known)
			error = buffer_append(&out, &place, sizeof place, FILES_MAX);
	}
	if (known)
		out.length = 0;
	if (!error)
		error = add_result(state, out.bytes, out.length);
	free(out.bytes);
	return error;
}

/* Whether a table of mounts is the one of the last time that anybody asked: its monitor's descriptor is asked, not one of our own. */
static bool is_as_before(const struct field *f)
{
	int monitor = hold_process((pid_t)f[ASK_MOUNTS_MONITOR_PID].number, f[ASK_MOUNTS_MONITOR_START_TIME].number);
	int fd = monitor < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, monitor, (int)f[ASK_MOUNTS_FD].number, 0);
	struct pollfd table = { fd, POLLPRI, 0 };
	bool same = fd >= 0 && poll(&table, 1, 0) == 0;
	if (fd >= 0)
		close(fd);
	if (monitor >= 0)
		close(monitor);
	return same;
}

/* The bytes that a file system may hold, mounted at a place in a container by this mount and no other, or by whichever. */
static bool find_size(int root, const char *path, uint64_t mount, uint64_t *size)
{
	struct statx info;
	struct statfs system;
	int fd = beneath_open(root, path, O_PATH);
	bool found = fd >= 0 && (!mount || (!statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &info) && info.stx_mnt_id == mount)) &&
		     !fstatfs(fd, &system);
	if (found)
		*size = (uint64_t)system.f_blocks * (uint64_t)system.f_bsize;
	if (fd >= 0)
		close(fd);
	return found;
}

/* What is said of a place in a container beside what is there (src/native/ops/repair.ts). */
#define INSIDE_READONLY 1u
#define INSIDE_FOLDER 2u

static int add_inside(struct buffer *out, int root, const char *path)
{
	struct file_place place;
	struct statfs system;
	unsigned mode = 0;
	int fd = beneath_open(root, path, O_PATH);
	int error = place_of(fd, &place, &mode);
	if (!error && fstatfs(fd, &system))
		error = -errno;
	if (fd >= 0)
		close(fd);
	uint64_t about = error ? 0 : (system.f_flags & ST_RDONLY ? INSIDE_READONLY : 0) |
				     (S_ISDIR(mode) ? INSIDE_FOLDER : 0);
	error = error ?: buffer_append(out, &place, sizeof place, FILES_MAX);
	return error ?: buffer_append(out, &about, sizeof about, FILES_MAX);
}

int op_stat_inside(struct state *state, const struct field *f)
{
	char path[32];
	struct buffer out = { 0 };
	uint32_t offset = 0;
	const char *place;
	snprintf(path, sizeof path, "/proc/%d/root", (int)f[STAT_INSIDE_PID].number);
	int root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int error = root < 0 ? -errno : 0;
	while (!error && (place = field_string(&f[STAT_INSIDE_PATHS], &offset)))
		error = add_inside(&out, root, place);
	if (root >= 0)
		close(root);
	/* One that is not there is told by the others' being unknown, too. */
	error = add_result(state, out.bytes, error ? 0 : out.length);
	free(out.bytes);
	return error;
}

/* Sizes are no matter of the table: nobody tells of their changes. */
int op_ask_mounts(struct state *state, const struct field *f)
{
	char path[32];
	uint64_t sizes[SIZES_MAX + 1] = { 1 };
	uint32_t offset = 0, count = 0;
	const char *place;
	bool same = is_as_before(f) && f[ASK_MOUNTS_MOUNTS].count <= SIZES_MAX;
	snprintf(path, sizeof path, "/proc/%d/root", (int)f[ASK_MOUNTS_PID].number);
	int root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (; same && count < f[ASK_MOUNTS_MOUNTS].count && (place = field_string(&f[ASK_MOUNTS_PLACES], &offset)); count++)
		same = find_size(root, place, field_item(&f[ASK_MOUNTS_MOUNTS], count), &sizes[count + 1]);
	if (root >= 0)
		close(root);
	return add_result(state, sizes, same ? (count + 1) * sizeof sizes[0] : 0);
}
