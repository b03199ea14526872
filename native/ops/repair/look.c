/*
 * What a look reads of many containers in one `run` program, in the place of a call of Node's for each file: files of the kernel's, which
 * file a path leads to, and whether a table of mounts is as it was.
 */
#include "core/state.h"
#include "core/sys.h"
#include "ops/namespaces.h"
#include "ops/operations.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MAX 65536
#define FILES_MAX (1024u * 1024)

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

/* Its length, or a negative errno. What is no file of the kernel's never holds it up. */
static ssize_t read_whole(int folder, const char *name, char text[FILE_MAX])
{
	ssize_t length = 0, count = 1;
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	while (count > 0 && length < FILE_MAX - 1) {
		count = read(fd, text + length, (size_t)(FILE_MAX - 1 - length));
		length = count < 0 ? -errno : length + count;
	}
	close(fd);
	return count > 0 ? -EFBIG : length;
}

/* {i32 length, or a negative errno; bytes} of each, in a folder or for the reason that there is none. */
static int add_files(struct buffer *out, int folder, const struct field *names, const struct field *lines)
{
	char text[FILE_MAX];
	uint32_t offset = 0;
	const char *name;
	int error = 0;
	while (!error && (name = field_string(names, &offset))) {
		ssize_t length = folder < 0 ? folder : read_whole(folder, name, text);
		if (length > 0) {
			text[length] = 0;
			length = keep_lines(text, length, lines);
		}
		int32_t told = (int32_t)length;
		error = buffer_append(out, &told, sizeof told, FILES_MAX);
		if (!error && length > 0)
			error = buffer_append(out, text, (size_t)length, FILES_MAX);
	}
	return error;
}

/* Of one of many that has ended meanwhile there is nothing. Who lives behind it has had the number all along. */
static int add_of_process(struct buffer *out, int folder, const struct field *f, bool *ended)
{
	int target = hold_process((pid_t)f[READ_FILES_PID].number, f[READ_FILES_START_TIME].number);
	int error = target == -ESRCH || target == -ENOENT ? 0 : target;
	*ended = target < 0;
	if (target < 0)
		return error;
	struct pollfd end = { target, POLLIN, 0 };
	error = add_files(out, folder, &f[READ_FILES_NAMES], &f[READ_FILES_LINES]);
	*ended = poll(&end, 1, 0) != 0;
	close(target);
	return error;
}

int op_read_files(struct state *state, const struct field *f)
{
	struct buffer out = { 0 };
	bool ended = false;
	/* Of one that is gone each is missing. */
	int folder = open(field_text(&f[READ_FILES_FOLDER]), O_PATH | O_DIRECTORY | O_CLOEXEC);
	int from = folder < 0 ? -errno : folder;
	int error = f[READ_FILES_PID].number ? add_of_process(&out, from, f, &ended) :
					       add_files(&out, from, &f[READ_FILES_NAMES], &f[READ_FILES_LINES]);
	if (folder >= 0)
		close(folder);
	if (!error && !ended)
		error = add_result(state, out.bytes, out.length);
	free(out.bytes);
	return error;
}

/* The file that a path leads to: its device, and its number there. */
struct file_place {
	uint32_t major, minor;
	uint64_t inode;
};

/* Where the kernel would have to ask a disk or a server it is not known: nobody waits for one that does not answer. */
static int find_place(const char *path, struct file_place *place)
{
	struct statx info;
	int fd = sys_openat2(AT_FDCWD, path, O_PATH, 0, RESOLVE_CACHED);
	if (fd < 0)
		return fd;
	int error = statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_INO, &info) ? -errno : 0;
	close(fd);
	*place = (struct file_place){ info.stx_dev_major, info.stx_dev_minor, info.stx_ino };
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
		known = find_place(path, &place);
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
