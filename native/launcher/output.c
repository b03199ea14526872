#include "launcher/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* POSIX: what poll calls writable takes so much without waiting. */
#define PAGE 4096

/*
 * A pipe or terminal of ours to write to without waiting. The flag is the description's, which others have, too; so the file is
 * opened anew. -1 where that cannot be.
 */
static int open_without_waiting(int fd)
{
	char path[40];
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

void output_open(struct output *output, int fd)
{
	struct stat found;
	*output = (struct output){ .fd = fd };
	if (fstat(fd, &found) < 0)
		return;
	if (S_ISFIFO(found.st_mode) || (S_ISCHR(found.st_mode) && isatty(fd))) {
		int own = open_without_waiting(fd);
		output->may_wait = own < 0;
		output->fd = own < 0 ? fd : own;
	} else {
		output->may_wait = S_ISSOCK(found.st_mode);
	}
}

int output_put(struct output *output, const uint8_t *bytes, size_t length)
{
	output->received += length;
	if (output->is_lost)
		return 0;
	if (length > sizeof output->bytes - output->length)
		return -EPROTO;
	size_t at = (output->start + output->length) % sizeof output->bytes;
	size_t first = sizeof output->bytes - at < length ? sizeof output->bytes - at : length;
	memcpy(output->bytes + at, bytes, first);
	memcpy(output->bytes, bytes + first, length - first);
	output->length += length;
	return 0;
}

int output_write(struct output *output)
{
	size_t part = sizeof output->bytes - output->start;
	if (part > output->length)
		part = output->length;
	if (output->may_wait && part > PAGE)
		part = PAGE;
	ssize_t count = write(output->fd, output->bytes + output->start, part);
	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (count < 0) {
		output->is_lost = true;
		output->length = 0;
		return -errno;
	}
	output->start = (output->start + (size_t)count) % sizeof output->bytes;
	output->length -= (size_t)count;
	output->written += (uint64_t)count;
	return (int)count;
}

bool output_is_same(int one, int other)
{
	struct stat a, b;
	return fstat(one, &a) == 0 && fstat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}
