/* Which of the networks' files answers: names and addresses are looked for by the index that dns-file.c has made. */
#include <arpa/inet.h>
#include <string.h>

#include "relay/dns-file.h"
#include "relay/dns-names.h"

#define ADDRESS_TEXT_MAX 64

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
	for (uint32_t i = names->buckets[names_hash(name, length) & names->mask]; i; i = names->entries[i].next) {
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

void names_look(struct dns *dns)
{
	for (size_t i = 0; i < dns->names_count; i++)
		names_refresh(&dns->names[i]);
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
	for (size_t i = 0; i < dns->names_count && !found->known; i++)
		if (dns->names[i].hides)
			find_in(&dns->names[i], name, NULL, found);
	found->own = found->known;
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
		struct names_line line;

		cursor = names->text;
		while (names->text && names_next_line(&cursor, names->text + names->length, &line)) {
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
