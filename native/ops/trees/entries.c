/* Reads entries of an archive. Nothing in them is trusted: lengths are bounded before they are used. */
#include "ops/trees/entries.h"
#include "core/io.h"
#include "core/program.h"
#include "core/sys.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* Holds the longest payload. */
#define BUFFER (2u * 1024 * 1024)

int source_open(struct source *source, int fd)
{
	*source = (struct source){ .fd = fd, .connection = -1, .bytes = malloc(BUFFER) };
	return source->bytes ? 0 : -ENOMEM;
}

/* Has at least so many bytes at hand. 0 or -EPROTO at the end of the stream. */
static int need(struct source *source, size_t length)
{
	if (length > BUFFER)
		return -EPROTO;
	if (source->start + length > BUFFER) {
		memmove(source->bytes, source->bytes + source->start, source->end - source->start);
		source->end -= source->start;
		source->start = 0;
	}
	while (source->end - source->start < length) {
		ssize_t count = read(source->fd, source->bytes + source->end, BUFFER - source->end);
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return count ? -errno : -EPROTO;
		source->end += (size_t)count;
	}
	return 0;
}

static const uint8_t *take(struct source *source, size_t length)
{
	const uint8_t *at = source->bytes + source->start;
	source->start += length;
	return at;
}

static uint64_t load_u64(const uint8_t *at)
{
	return load_u32(at) | (uint64_t)load_u32(at + 4) << 32;
}

/* Text of a payload with the NUL behind it and none within. */
static const char *take_text(const uint8_t **at, const uint8_t *end, uint32_t length)
{
	const char *text = (const char *)*at;
	if (length >= (size_t)(end - *at) || text[length] || memchr(text, 0, length))
		return NULL;
	*at += length + 1;
	return text;
}

/* Whether the attributes lie within their payload, to its last byte. */
static bool attributes_fit(const uint8_t *at, const uint8_t *end, uint32_t count)
{
	while (count--) {
		if (end - at < 8)
			return false;
		uint32_t name = load_u32(at), value = load_u32(at + 4);
		at += 8;
		if (!take_text(&at, end, name) || value > (size_t)(end - at))
			return false;
		at += value;
	}
	return at == end;
}

int read_entry(struct source *source, struct entry *entry)
{
	int error = need(source, ENTRY_HEAD);
	if (error)
		return error;
	const uint8_t *head = take(source, ENTRY_HEAD);
	uint32_t length = load_u32(head + 4);
	*entry = (struct entry){ .kind = load_u32(head), .size = load_u64(head + 8) };
	bool sized = entry->kind == ENTRY_FILE || entry->kind == ENTRY_LARGE_FILE;
	if (entry->kind > ENTRY_LARGE_FILE || length > ENTRY_MAX || (!sized && entry->size))
		return -EPROTO;
	if (entry->kind == ENTRY_END)
		return length ? -EPROTO : 0;
	if (length < ENTRY_NUMBERS)
		return -EPROTO;
	error = need(source, length);
	if (error)
		return error;
	const uint8_t *at = take(source, length), *end = at + length;
	const struct timespec time = { .tv_sec = (time_t)load_u64(at + 24), .tv_nsec = load_u32(at + 20) };
	entry->mode = load_u32(at) & 07777;
	entry->uid = load_u32(at + 4);
	entry->gid = load_u32(at + 8);
	entry->device = makedev(load_u32(at + 12), load_u32(at + 16));
	entry->times[0] = entry->times[1] = time;
	uint32_t name = load_u32(at + 32), target = load_u32(at + 36);
	entry->attribute_count = load_u32(at + 40);
	at += ENTRY_NUMBERS;
	entry->name = take_text(&at, end, name);
	entry->target = entry->name ? take_text(&at, end, target) : NULL;
	entry->attributes = at;
	entry->attribute_length = (uint32_t)(end - at);
	if (!entry->target || time.tv_nsec > 999999999 || !attributes_fit(at, end, entry->attribute_count))
		return -EPROTO;
	return 0;
}

/* What is at hand goes first; a piece of the stream at a time. */
int write_content(struct source *source, int fd, uint64_t left)
{
	while (left) {
		int error = source->start == source->end ? need(source, 1) : 0;
		if (error)
			return error;
		size_t length = source->end - source->start;
		if (length > left)
			length = (size_t)left;
		error = write_all(fd, take(source, length), length);
		if (error)
			return error;
		left -= length;
		if (source->start == source->end)
			source->start = source->end = 0;
	}
	return 0;
}

int read_bytes(struct source *source, void *bytes, size_t length)
{
	int error = need(source, length);
	if (!error)
		memcpy(bytes, take(source, length), length);
	return error;
}

int tell(const void *bytes, size_t length)
{
	struct state reply = { 0 };
	int error = add_result(&reply, bytes, length);
	if (!error)
		error = send_reply(&reply, REPLY_FD, -1);
	free(reply.results.bytes);
	return error;
}
