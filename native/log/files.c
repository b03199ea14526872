/*
 * The files of a log: `container.log` is the one that is written, number 1, then 2, 3 and so on; a rotation gives it its
 * number as `container.log.<number>` and begins the next. A file that has others before it begins with an entry of our
 * own, `<time> header F <number> <lines> <bytes>`: what of the container's output stands, or stood, in the files before.
 */
#include "log/files.h"
#include "core/clock.h"
#include "core/io.h"
#include "core/sys.h"

#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* `<time> <stream> <tag> `; the tag says whether a line ends here. */
#define TAG_AT 38
#define PREFIX 40
#define HEADER_MAX 128
/* What is kept for followers that are behind, beyond what the log keeps anyway. */
#define KEPT_BYTES (1024ull * 1024 * 1024)
#define KEPT_FILES 10000

/* The path of a file with a number, or of the next one (0) while it is made. */
static int path_of(const struct log *log, uint64_t number, char path[PATH_MAX])
{
	int length = number ? snprintf(path, PATH_MAX, "%s.%" PRIu64, log->path, number)
			    : snprintf(path, PATH_MAX, "%s.next", log->path);
	return length < 0 || length >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static uint64_t size_of(const struct log *log, uint64_t number)
{
	char path[PATH_MAX];
	struct stat info;
	return path_of(log, number, path) || stat(path, &info) ? 0 : (uint64_t)info.st_size;
}

/* The lowest and the highest number that a file has; both 0: none has one. */
static int find_numbers(const struct log *log, uint64_t *lowest, uint64_t *highest)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(log->path, '/');
	size_t length = slash ? (size_t)(slash - log->path) + 1 : 0;
	size_t base = strlen(log->path) - length;
	*lowest = *highest = 0;
	if (!slash || length >= sizeof folder)
		return -ENAMETOOLONG;
	memcpy(folder, log->path, length);
	folder[length] = 0;
	DIR *entries = opendir(folder);
	if (!entries)
		return -errno;
	/* A number that is not seen would be given to another file, which takes the place of the first. */
	errno = 0;
	for (struct dirent *entry; (entry = readdir(entries)); errno = 0) {
		const char *name = entry->d_name;
		char *end = NULL;
		if (strncmp(name, slash + 1, base) || name[base] != '.' || name[base + 1] < '1' || name[base + 1] > '9')
			continue;
		uint64_t number = strtoull(name + base + 1, &end, 10);
		if (*end || number == UINT64_MAX)
			continue;
		*highest = number > *highest ? number : *highest;
		*lowest = !*lowest || number < *lowest ? number : *lowest;
	}
	int error = -errno;
	closedir(entries);
	return error;
}

/* What an entry of our own at the beginning says; a file without one is the first. */
static void read_header(int fd, struct log_part *part)
{
	char text[HEADER_MAX + 1];
	ssize_t length = pread(fd, text, HEADER_MAX, 0);
	uint64_t number, lines, bytes;
	int used = 0;
	*part = (struct log_part){ .number = 1 };
	text[length > 0 ? length : 0] = 0;
	if (sscanf(text, "%*30s header F %" SCNu64 " %" SCNu64 " %" SCNu64 "%n", &number, &lines, &bytes, &used) != 3 ||
	    !number || text[used] != '\n')
		return;
	*part = (struct log_part){ number, lines, bytes, (uint64_t)used + 1, 0, 0 };
}

/* Counts what stands in a file behind its header. */
static int count_entries(int fd, struct log_part *part)
{
	char bytes[65536], tag = 0;
	uint64_t at = 0; /* within an entry */
	ssize_t count;
	while ((count = pread(fd, bytes, sizeof bytes, (off_t)part->size)) > 0) {
		part->size += (uint64_t)count;
		for (const char *from = bytes, *end = bytes + count; from < end;) {
			const char *newline = memchr(from, '\n', (size_t)(end - from));
			const char *next = newline ? newline + 1 : end;
			if (at <= TAG_AT && at + (uint64_t)(next - from) > TAG_AT)
				tag = from[TAG_AT - at];
			at += (uint64_t)(next - from);
			from = next;
			if (!newline)
				continue;
			part->lines += tag == 'F';
			part->bytes += at > PREFIX ? at - PREFIX - (tag == 'P') : 0;
			at = 0;
			tag = 0;
		}
	}
	if (count < 0)
		return -errno;
	/* A monitor was killed in the middle of an entry: the next must not become the end of it. */
	if (at && write_all(fd, "\n", 1) == 0)
		part->size++;
	return 0;
}

/* Makes the file that follows those that are there, its header in it, under a name of its own. */
static int make_next(const struct log *log, struct log_part *next)
{
	char path[PATH_MAX], text[HEADER_MAX];
	int error = path_of(log, 0, path);
	int fd = error ? error : open(path, O_RDWR | O_APPEND | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		return error ? error : -errno;
	int length = snprintf(text, sizeof text, "%s header F %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", log->stamp,
			      next->number, next->lines_before, next->bytes_before);
	if (length < 0 || (size_t)length >= sizeof text)
		error = -EOVERFLOW;
	else
		error = write_all(fd, text, (size_t)length);
	if (error) {
		unlink(path);
		close(fd);
		return error;
	}
	next->size = (uint64_t)length;
	return fd;
}

/* What follows a file in numbers. */
static struct log_part after(const struct log_part *part)
{
	return (struct log_part){
		.number = part->number + 1,
		.lines_before = part->lines_before + part->lines,
		.bytes_before = part->bytes_before + part->bytes,
	};
}

/* The file to write is missing, which it is for a moment at each rotation: begins it. */
static int begin_file(struct log *log, uint64_t highest)
{
	char path[PATH_MAX];
	struct log_part before, part = { .number = 1 };
	if (!highest) {
		log->part = part;
		int first = open(log->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
		return first < 0 ? -errno : first;
	}
	int error = path_of(log, highest, path);
	int fd = error ? error : open(path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return error ? error : -errno;
	read_header(fd, &before);
	error = count_entries(fd, &before);
	close(fd);
	part = after(&before);
	part.number = highest + 1;
	clock_text(log->stamp);
	fd = error ? error : make_next(log, &part);
	if (fd < 0)
		return fd;
	log->part = part;
	if (path_of(log, 0, path) || rename(path, log->path)) {
		close(fd);
		return -EIO;
	}
	return fd;
}

int log_open_files(struct log *log)
{
	uint64_t lowest, highest;
	int error = find_numbers(log, &lowest, &highest);
	if (error)
		return error;
	int fd = open(log->path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT)
		fd = begin_file(log, highest);
	else if (fd < 0)
		fd = -errno;
	else {
		read_header(fd, &log->part);
		error = count_entries(fd, &log->part);
	}
	if (fd < 0 || error) {
		if (fd >= 0)
			close(fd);
		return error ? error : fd;
	}
	log->fd = fd;
	/* No file may take the name of another. */
	if (log->part.number <= highest)
		log->part.number = highest + 1;
	log->oldest = log->surplus_from = lowest ? lowest : log->part.number;
	log->surplus = 0;
	log_prune(log);
	return 0;
}

void log_prune(struct log *log)
{
	char path[PATH_MAX];
	uint64_t number = log->part.number;
	uint64_t keep = number >= log->max_files ? number - log->max_files + 1 : 1;
	for (; log->surplus_from < keep; log->surplus_from++)
		log->surplus += size_of(log, log->surplus_from);
	for (; log->oldest < log->surplus_from; log->oldest++) {
		bool is_wanted = log->wanted_from && log->oldest >= log->wanted_from;
		if (is_wanted && log->surplus <= KEPT_BYTES && log->surplus_from - log->oldest <= KEPT_FILES)
			break;
		log->surplus -= size_of(log, log->oldest);
		if (!path_of(log, log->oldest, path))
			unlink(path);
	}
}

void log_rotate(struct log *log)
{
	char numbered[PATH_MAX], made[PATH_MAX];
	struct log_part next = after(&log->part);
	if (path_of(log, log->part.number, numbered) || path_of(log, 0, made))
		return;
	int fd = make_next(log, &next);
	if (fd < 0)
		return;
	if (rename(log->path, numbered) || rename(made, log->path)) {
		/* One of them may have been done; without it the log would have no present file. */
		(void)rename(numbered, log->path);
		unlink(made);
		close(fd);
		return;
	}
	close(log->fd);
	log->fd = fd;
	log->part = next;
	log_prune(log);
}
