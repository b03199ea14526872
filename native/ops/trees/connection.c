/*
 * The content of a large file, from the connection of our caller's that it comes on: passing through our caller, each byte would cost as much again
 * as it does here. Our caller reads nothing of it meanwhile. Of HTTP's chunks (RFC 9112, 7.1) only the plain line before each is known here; anything
 * else, and the end, stays on the connection for our caller, who reads on where we stopped.
 */
#include "ops/trees/connection.h"
#include "core/io.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Written at once. */
#define PIECE (512u * 1024)
/* `\r\n`, eight digits, `\r\n`. */
#define LONGEST_LINE 12

struct inlet {
	int fd;
	uint64_t next; /* TAKE_BYTES, TAKE_SIZE or TAKE_CHUNK */
	uint64_t left; /* of the piece of content that comes next */
	uint64_t taken;
};

/* The size that a line before a chunk tells, if all of the line is there and nothing is odd about it, and how many bytes it is; 0: there is none. */
static uint64_t size_told(const char *line, size_t *length)
{
	size_t digits = strspn(line, "0123456789abcdefABCDEF");
	*length = digits + 2;
	return digits && digits <= 8 && !strncmp(line + digits, "\r\n", 2) ? strtoul(line, NULL, 16) : 0;
}

/* Takes what stands before a chunk, as far as it has come. 1: its content follows. 0: it is our caller's. -EAGAIN: the rest comes yet. */
static int next_chunk(struct inlet *from)
{
	char line[LONGEST_LINE + 1];
	ssize_t count = recv(from->fd, line, LONGEST_LINE, MSG_PEEK | MSG_DONTWAIT);
	if (count <= 0)
		return count ? -errno : 0;
	line[count] = 0;
	size_t ended = from->next == TAKE_CHUNK ? 2 : 0;
	if (ended && strncmp(line, "\r\n", 2))
		return 0;
	size_t length;
	uint64_t size = size_told(line + ended, &length);
	/* The end of a chunk comes alone where the next one is not written yet. */
	size_t taken = size ? ended + length : (size_t)count == ended ? ended : 0;
	/* The last chunk has no size: what follows it is no content. */
	if (!taken || recv(from->fd, line, taken, MSG_DONTWAIT) != (ssize_t)taken)
		return 0;
	from->next = size ? TAKE_CHUNK : TAKE_SIZE;
	from->left = size;
	return size ? 1 : -EAGAIN;
}

/* What has come, as far as there is room. 1, or 0: the rest is our caller's. */
static int fill(struct inlet *from, uint8_t *bytes, size_t room, size_t *length)
{
	for (*length = 0; *length < room;) {
		int more = from->left ? 1 : from->next == TAKE_BYTES ? 0 : next_chunk(from);
		if (more <= 0)
			return more == -EAGAIN;
		size_t most = room - *length < from->left ? room - *length : (size_t)from->left;
		ssize_t count = recv(from->fd, bytes + *length, most, MSG_DONTWAIT);
		if (count <= 0)
			return count && errno == EAGAIN;
		*length += (size_t)count;
		from->left -= (uint64_t)count;
	}
	return 1;
}

/* Our caller's end, too, is a reason to stop: it says nothing while we are at it. */
static int await_bytes(const struct inlet *from, const struct source *source)
{
	struct pollfd polls[] = { { from->fd, POLLIN, 0 }, { source->fd, POLLIN, 0 } };
	while (poll(polls, 2, -1) < 0)
		if (errno != EINTR)
			return -errno;
	return polls[1].revents ? -ECANCELED : 0;
}

static int take_all(struct inlet *from, struct source *source, int file, uint64_t wanted)
{
	int error = lseek(file, 0, SEEK_END) < 0 ? -errno : 0;
	for (int more = 1; !error && more && from->taken < wanted;) {
		uint64_t missing = wanted - from->taken;
		size_t length;
		more = fill(from, source->bytes, missing < PIECE ? (size_t)missing : PIECE, &length);
		error = length ? write_all(file, source->bytes, length) : more ? await_bytes(from, source) : 0;
		from->taken += length;
	}
	return error;
}

static int take_content(struct source *source, int file)
{
	uint64_t asked[TAKE_NUMBERS];
	int error = read_bytes(source, asked, sizeof asked);
	/* Its buffer is used: nothing may be in it. */
	if (error || source->start != source->end)
		return error ? error : -EPROTO;
	source->start = source->end = 0;
	struct inlet from = { .fd = source->connection, .next = asked[0], .left = asked[1] };
	/* Without one it is our caller's. */
	if (from.fd >= 0)
		error = take_all(&from, source, file, asked[2]);
	const uint64_t told[] = { from.taken, from.left, from.next };
	return error ? error : tell(told, sizeof told);
}

int await_content(struct source *source, int file, uint64_t size)
{
	struct stat info;
	uint8_t said = LARGE_TAKE;
	for (int error; said != LARGE_WHOLE;) {
		error = read_bytes(source, &said, 1);
		if (!error && said != LARGE_WHOLE)
			error = said == LARGE_TAKE ? take_content(source, file) : -EPROTO;
		if (error)
			return error;
	}
	if (fstat(file, &info))
		return -errno;
	return (uint64_t)info.st_size == size ? 0 : -EPROTO;
}
