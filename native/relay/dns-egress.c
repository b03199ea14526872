/*
 * Egress by name. The container's own names file says which names may be asked for outside, and in which of the kernel's sets their
 * addresses are let through. We have no right to change these: the monitor does, and only when it has said so is an answer given on. So whoever
 * hears an address can go there.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "relay/dns-egress.h"
#include "relay/dns-file.h"
#include "relay/dns-records.h"

/* Names that are remembered as refused: the one that was asked for longest ago makes room. */
#define REFUSED_MOST 256
#define DAY_US (24 * 3600 * 1000000LL)
/* Of one refused name: two numbers, the name, blanks. */
#define REFUSED_LINE (DNS_NAME_MAX + 48)

struct refused_name {
	char name[DNS_NAME_MAX];
	uint64_t count; /* 0: none */
	int64_t last; /* unix µs */
};

/* Where a look for a name's lines is. */
struct look {
	size_t file;
	const char *cursor;
};

static bool matches(const struct names_line *line, const char *name)
{
	const char *pattern = line->first;
	size_t length = line->first_length, whole = strlen(name);

	if (length == 0 || *pattern != '*')
		return whole == length && memcmp(name, pattern, length) == 0;
	/* `*` is all, `*.example.org` what ends in `.example.org`, and is longer than that. */
	pattern++;
	length--;
	return length == 0 || (whole > length && memcmp(name + whole - length, pattern, length) == 0);
}

/* The next line that is about a name. */
static bool next_line(const struct dns *dns, const char *name, struct look *look, struct names_line *line)
{
	for (; look->file < dns->names_count; look->file++, look->cursor = NULL) {
		const struct names_file *names = &dns->names[look->file];

		if (!names->egress)
			continue;
		if (!look->cursor)
			look->cursor = names->text + names->egress;
		while (names_next_line(&look->cursor, names->text + names->length, line))
			if (line->kind == 'e' && matches(line, name))
				return true;
	}
	return false;
}

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

/* The place of a name among the refused, or the one that it takes. */
static struct refused_name *place_of(struct refused_name *list, const char *name)
{
	struct refused_name *oldest = list;

	for (size_t i = 0; i < REFUSED_MOST; i++) {
		if (list[i].count && strcmp(list[i].name, name) == 0)
			return &list[i];
		if (list[i].last < oldest->last)
			oldest = &list[i];
	}
	*oldest = (struct refused_name){ .count = 0 };
	strcpy(oldest->name, name);
	return oldest;
}

/* What is no plain name is told as "-". */
static void refused_note(struct dns *dns, const char *name)
{
	struct refused_name *place;

	if (!dns->refused)
		dns->refused = calloc(REFUSED_MOST, sizeof *dns->refused);
	if (!dns->refused)
		return;
	place = place_of(dns->refused, *name ? name : "-");
	place->count++;
	place->last = now();
}

bool egress_allows(struct dns *dns, const struct query *query)
{
	struct look look = { 0, NULL };
	struct names_line line;

	if (!dns->config->held || next_line(dns, query->name, &look, &line))
		return true;
	refused_note(dns, query->name);
	return false;
}

size_t egress_question(const struct dns *dns, const struct query *query, uint8_t *out)
{
	if (dns->config->held)
		return query_encode(query, out);
	memcpy(out, query->bytes, query->length);
	return query->length;
}

/* Sends what is in the lesson, and empties it. */
static int send_lesson(const struct dns *dns, struct relay_lesson *lesson)
{
	if (send(dns->config->channel, lesson, sizeof *lesson, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)sizeof *lesson)
		return -EAGAIN;
	lesson->count = 0;
	return 1;
}

static int add_address(const struct dns *dns, struct relay_lesson *lesson, const struct dns_record *record)
{
	if (!lesson->count || record->ttl < lesson->seconds)
		lesson->seconds = record->ttl;
	memset(lesson->addresses[lesson->count], 0, sizeof *lesson->addresses);
	memcpy(lesson->addresses[lesson->count++], record->data, record->length);
	return lesson->count == RELAY_LESSON_ADDRESSES ? send_lesson(dns, lesson) : 0;
}

/* All of one family's, whichever name of the chain they are of: who may say where the name leads says it whole. */
static int teach_family(const struct dns *dns, struct relay_lesson *lesson, struct records records, int family)
{
	struct dns_record record;
	int sent = 0, result = 0;

	lesson->family = (uint8_t)family;
	while (result >= 0 && records_next(&records, &record))
		if (record_family(&record) == family) {
			result = add_address(dns, lesson, &record);
			sent += result;
		}
	if (result >= 0 && lesson->count) {
		result = send_lesson(dns, lesson);
		sent += result;
	}
	return result < 0 ? result : sent;
}

int egress_teach(struct dns *dns, const struct query *query, uint32_t id, const uint8_t *bytes, size_t length)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct look look = { 0, NULL };
	struct names_line line;
	struct records records;
	int sent = 0;

	if (!dns->config->held)
		return 0;
	records_begin(&records, bytes, length, query->question_end);
	while (next_line(dns, query->name, &look, &line)) {
		struct relay_lesson lesson = { .word = RELAY_LESSON, .id = id };

		if (line.second_length >= sizeof lesson.set || (line.second_length == 1 && *line.second == '-'))
			continue;
		memcpy(lesson.set, line.second, line.second_length);
		for (int i = 0; i < 2; i++) {
			int result = teach_family(dns, &lesson, records, families[i]);

			if (result < 0)
				return result;
			sent += result;
		}
	}
	return sent;
}

void refused_tell(struct dns *dns, int fd)
{
	char *text = dns->refused ? malloc(REFUSED_MOST * REFUSED_LINE) : NULL;
	int64_t since = now() - DAY_US;
	size_t length = 0;

	for (size_t i = 0; text && i < REFUSED_MOST; i++) {
		const struct refused_name *each = &dns->refused[i];

		if (each->count && each->last >= since)
			length += (size_t)snprintf(text + length, REFUSED_LINE, "%" PRId64 " %" PRIu64 " %s\n", each->last,
						   each->count, each->name);
	}
	/* It fits: who reads slowly has a connection to himself, on which nothing was said before but an answer. */
	if (length)
		(void)!send(fd, text, length, MSG_NOSIGNAL | MSG_DONTWAIT);
	free(text);
	close(fd);
}
