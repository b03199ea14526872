/*
 * The names files, one a network, which the engine replaces by rename. Text lines, fields parted by one blank:
 *
 *   names 1                     first line: the format's version
 *   a <name> <address>          an address of a name, in lower case
 *   p <address> <name>          the name of an address
 *   k <name>                    a name that is ours though nothing that has it runs: never asked outside
 *
 * Lines of other kinds are passed over, so that an older relay can live with a newer engine.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "relay/dns-names.h"
#include "relay/dns-wire.h"

#define FILE_NAME "names"
#define VERSION_LINE "names 1\n"
#define FILE_MAX (4u << 20)
#define ADDRESS_TEXT_MAX 64

static void names_clear(struct names_file *names)
{
	free(names->text);
	names->text = NULL;
	names->length = 0;
	memset(&names->seen, 0, sizeof names->seen);
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Reads the whole file, as large as fstat has told and no larger. NULL when that can't be done. */
static char *read_whole(int fd, size_t length)
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
		text = read_whole(fd, length);
	}
	close(fd);
	if (!text)
		return;
	names_clear(names);
	names->seen = now;
	if (length < strlen(VERSION_LINE) || memcmp(text, VERSION_LINE, strlen(VERSION_LINE)) != 0) {
		free(text);
		return;
	}
	names->text = text;
	names->length = length;
}

static void names_refresh(struct names_file *names)
{
	struct stat now;

	if (fstatat(names->folder, FILE_NAME, &now, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno == ENOENT)
			names_clear(names);
		return;
	}
	if (!same_file(&now, &names->seen))
		names_load(names);
}

/* A line cut into its fields; the fields are not NUL-terminated. */
struct line {
	char kind;
	const char *first, *second;
	size_t first_length, second_length;
};

/* Takes the next whole line of the text; false at its end. */
static bool next_line(const char **cursor, const char *end, struct line *line)
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

static bool parse_address(const char *text, size_t length, struct dns_address *address)
{
	char copy[ADDRESS_TEXT_MAX];

	if (length == 0 || length >= sizeof copy)
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	memset(address, 0, sizeof *address);
	address->family = memchr(text, ':', length) ? AF_INET6 : AF_INET;
	return inet_pton(address->family, copy, address->bytes) == 1;
}

static void find_in(const struct names_file *names, const char *name, size_t length, struct found *found)
{
	const char *cursor = names->text;
	const char *end = cursor + names->length;
	struct line line;

	while (names->text && next_line(&cursor, end, &line)) {
		if ((line.kind != 'a' && line.kind != 'k') || line.first_length != length ||
		    memcmp(line.first, name, length) != 0)
			continue;
		found->known = true;
		if (line.kind == 'a' && found->count < DNS_ADDRESSES_MAX &&
		    parse_address(line.second, line.second_length, &found->addresses[found->count]))
			found->count++;
	}
}

/* The first network in which the name has addresses answers alone: a project's own comes before shared ones. */
void names_find(struct dns *dns, const char *name, struct found *found)
{
	found->known = false;
	found->count = 0;
	for (size_t i = 0; i < dns->names_count && found->count == 0; i++) {
		names_refresh(&dns->names[i]);
		find_in(&dns->names[i], name, strlen(name), found);
	}
}

const char *names_reverse(struct dns *dns, const struct dns_address *address, size_t *length)
{
	for (size_t i = 0; i < dns->names_count; i++) {
		struct names_file *names = &dns->names[i];
		const char *cursor;
		struct line line;

		names_refresh(names);
		cursor = names->text;
		while (names->text && next_line(&cursor, names->text + names->length, &line)) {
			struct dns_address other;

			if (line.kind != 'p' || !parse_address(line.first, line.first_length, &other) ||
			    memcmp(&other, address, sizeof other) != 0)
				continue;
			*length = line.second_length;
			return line.second;
		}
	}
	return NULL;
}
