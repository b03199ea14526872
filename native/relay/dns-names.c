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

void names_clear(struct names_file *names)
{
	free(names->text);
	free(names->entries);
	free(names->buckets);
	*names = (struct names_file){ .folder = names->folder };
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

static uint32_t hash_name(const char *name, size_t length)
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
	struct line line;
	uint32_t count = 0, size = 1;

	while (next_line(&cursor, names->text + names->length, &line))
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

static void index_line(struct names_file *names, const struct line *line, uint32_t project, uint32_t *count)
{
	uint32_t *bucket = &names->buckets[hash_name(line->first, line->first_length) & names->mask];

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
	struct line line;
	uint32_t project = 0, count = 0;

	if (!index_open(names))
		return false;
	while (next_line(&cursor, names->text + names->length, &line)) {
		if (line.kind == 'a' || line.kind == 'k')
			index_line(names, &line, project, &count);
		else if (line.kind == 'g')
			project = offset_in(names, line.first);
		else if (line.kind == 'o')
			names->own = offset_in(names, line.first);
		else if (line.kind == 'h')
			names->hides = true;
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
		text = read_whole(fd, length);
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

/* Whether the text at `offset` is this word, which a blank or the line's end follows. */
static bool is_word(const struct names_file *names, uint32_t offset, const char *word, size_t length)
{
	const char *at = names->text + offset;

	return offset > 0 && (size_t)(names->text + names->length - at) > length && memcmp(at, word, length) == 0 &&
	       (at[length] == ' ' || at[length] == '\n');
}

/* The project of whoever reads, by its name; of length 0 where he is of none. */
struct own_project {
	const char *project;
	size_t length;
};

static struct own_project who_asks(const struct dns *dns)
{
	for (size_t i = 0; i < dns->names_count; i++) {
		const struct names_file *names = &dns->names[i];

		if (names->own) {
			const char *project = names->text + names->own;

			return (struct own_project){ project, strcspn(project, " \n") };
		}
	}
	return (struct own_project){ "", 0 };
}

static void add_found(const struct names_file *names, uint32_t name, size_t length, struct found *found)
{
	const char *address = names->text + name + length + 1;
	const char *end = names->text + names->length;

	found->known = true;
	/* Of a name that has no address, the next line begins here. */
	if (address[-1] == ' ' && found->count < DNS_ADDRESSES_MAX &&
	    parse_address(address, (size_t)((const char *)memchr(address, '\n', (size_t)(end - address)) - address),
			  &found->addresses[found->count]))
		found->count++;
}

/* The names of the reader's project, or those of all. */
static void find_in(const struct names_file *names, const char *name, const struct own_project *reader, struct found *found)
{
	size_t length = strlen(name);

	if (!names->text)
		return;
	for (uint32_t i = names->buckets[hash_name(name, length) & names->mask]; i; i = names->entries[i].next) {
		const struct names_entry *entry = &names->entries[i];

		if (is_word(names, entry->name, name, length) &&
		    (!reader || is_word(names, entry->project, reader->project, reader->length)))
			add_found(names, entry->name, length, found);
	}
}

static void find_all(const struct dns *dns, const char *name, const struct own_project *reader, struct found *found)
{
	for (size_t i = 0; i < dns->names_count; i++)
		find_in(&dns->names[i], name, reader, found);
}

/*
 * What the reader alone calls others comes first, then the names of his own project, over all of his networks, also where
 * none of them runs: another project on a network that both are on must not answer for one that is down. Then all others.
 */
void names_find(struct dns *dns, const char *name, struct found *found)
{
	struct own_project reader;

	found->known = found->own = false;
	found->count = 0;
	for (size_t i = 0; i < dns->names_count; i++)
		names_refresh(&dns->names[i]);
	for (size_t i = 0; i < dns->names_count && !found->known; i++)
		if (dns->names[i].hides)
			find_in(&dns->names[i], name, NULL, found);
	reader = who_asks(dns);
	if (!found->known && reader.length) {
		find_all(dns, name, &reader, found);
		found->own = found->known;
	}
	if (!found->known)
		find_all(dns, name, NULL, found);
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
