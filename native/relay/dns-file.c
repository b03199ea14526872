/*
 * The names files, one a network, which the engine replaces by rename. Text lines, fields parted by one blank:
 *
 *   names 1                     first line: the format's version
 *   a <name> <address>          an address of a name, in lower case
 *   p <address> <name>          the name of an address
 *   k <name>                    a name that is ours though nothing that has it runs: never asked outside
 *   g <project>                 the names of the lines behind it, up to the next such line, are this project's
 *   o <project>                 whoever reads this file is of this project
 *   h .                         this file hides names: one that it knows is not looked for in the files after it
 *   e <pattern> <set>           names that may be asked outside: one, all below one (*.example.org) or all (*), and where their
 *                               addresses go; "-": nowhere
 *
 * Lines of other kinds are passed over, so that an older relay can live with a newer engine.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "relay/dns-file.h"

#define FILE_NAME "names"
#define VERSION_LINE "names 1\n"
#define FILE_MAX (4u << 20)

void names_clear(struct names_file *names)
{
	free(names->text);
	free(names->entries);
	free(names->buckets);
	*names = (struct names_file){ .folder = names->folder };
}

bool file_is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

char *file_read_whole(int fd, size_t length)
{
	char *text = malloc(length + 1);
	size_t have = 0;

	while (text && have < length) {
		ssize_t got = read(fd, text + have, length - have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			free(text);
			return NULL;
		}
		have += (size_t)got;
	}
	return text;
}

bool names_next_line(const char **cursor, const char *end, struct names_line *line)
{
	while (*cursor < end) {
		const char *start = *cursor;
		const char *stop = memchr(start, '\n', (size_t)(end - start));
		const char *blank;

		if (!stop)
			return false;
		*cursor = stop + 1;
		if (stop - start < 3 || start[1] != ' ')
			continue;
		line->kind = start[0];
		line->first = start + 2;
		blank = memchr(line->first, ' ', (size_t)(stop - line->first));
		line->first_length = (size_t)((blank ? blank : stop) - line->first);
		line->second = blank ? blank + 1 : stop;
		line->second_length = (size_t)(stop - line->second);
		return true;
	}
	return false;
}

uint32_t names_hash(const char *name, size_t length)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (uint8_t)name[i]) * 16777619u;
	return hash;
}

/* Room for an entry a line that has a name; false when there is no memory. */
static bool index_open(struct names_file *names)
{
	const char *cursor = names->text;
	struct names_line line;
	uint32_t count = 0, size = 1;

	while (names_next_line(&cursor, names->text + names->length, &line))
		count += line.kind == 'a' || line.kind == 'k';
	while (size < count)
		size *= 2;
	names->mask = size - 1;
	names->entries = calloc((size_t)count + 1, sizeof *names->entries);
	names->buckets = calloc(size, sizeof *names->buckets);
	return names->entries && names->buckets;
}

/* Offset of a field; the text's first line has none, so 0 stands for none. */
static uint32_t offset_in(const struct names_file *names, const char *field)
{
	return (uint32_t)(field - names->text);
}

static void index_line(struct names_file *names, const struct names_line *line, uint32_t project, uint32_t *count)
{
	uint32_t *bucket = &names->buckets[names_hash(line->first, line->first_length) & names->mask];

	/* Entry 0 is none's, so that an empty bucket is 0. */
	names->entries[++*count] = (struct names_entry){
		.name = offset_in(names, line->first),
		.project = project,
		.next = *bucket,
	};
	*bucket = *count;
}

/* Makes the text's names found by a look; false when there is no memory. */
static bool names_index(struct names_file *names)
{
	const char *cursor = names->text;
	struct names_line line;
	uint32_t project = 0, count = 0;

	if (!index_open(names))
		return false;
	while (names_next_line(&cursor, names->text + names->length, &line)) {
		if (line.kind == 'a' || line.kind == 'k')
			index_line(names, &line, project, &count);
		else if (line.kind == 'g')
			project = offset_in(names, line.first);
		else if (line.kind == 'o')
			names->own = offset_in(names, line.first);
		else if (line.kind == 'h')
			names->hides = true;
		else if (line.kind == 'e' && !names->egress)
			names->egress = offset_in(names, line.first - 2);
	}
	return true;
}

/* Replaces the text; one that can't be read now is kept as it was, and tried again at the next question. */
static void names_load(struct names_file *names)
{
	int fd = openat(names->folder, FILE_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat now;
	char *text = NULL;
	size_t length = 0;

	if (fd < 0)
		return;
	if (fstat(fd, &now) == 0 && S_ISREG(now.st_mode) && now.st_size >= 0 && now.st_size <= FILE_MAX) {
		length = (size_t)now.st_size;
		text = file_read_whole(fd, length);
	}
	close(fd);
	if (!text)
		return;
	names_clear(names);
	names->text = text;
	names->length = length;
	if (length < strlen(VERSION_LINE) || memcmp(text, VERSION_LINE, strlen(VERSION_LINE)) != 0 ||
	    !names_index(names))
		names_clear(names);
	names->seen = now;
}

void names_refresh(struct names_file *names)
{
	struct stat now;

	if (fstatat(names->folder, FILE_NAME, &now, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno == ENOENT)
			names_clear(names);
		return;
	}
	if (!file_is_same(&now, &names->seen))
		names_load(names);
}
