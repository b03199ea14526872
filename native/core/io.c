#include "core/io.h"
#include "core/sys.h"

#include <string.h>
#include <sys/socket.h>

int write_all(int fd, const void *bytes, size_t length)
{
	const uint8_t *at = bytes;
	while (length) {
		ssize_t count = write(fd, at, length);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		at += count;
		length -= (size_t)count;
	}
	return 0;
}

int read_all(int fd, void *bytes, size_t length)
{
	uint8_t *at = bytes;
	while (length) {
		ssize_t count = read(fd, at, length);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		if (count == 0)
			return -EPROTO;
		at += count;
		length -= (size_t)count;
	}
	return 0;
}

int write_file(int folder, const char *path, const void *bytes, size_t length)
{
	int fd = openat(folder, path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ssize_t count = write(fd, bytes, length);
	int error = count < 0 ? -errno : (size_t)count != length ? -EIO : 0;
	close(fd);
	return error;
}

size_t read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t count = fd < 0 ? 0 : read(fd, text, size - 1);
	if (fd >= 0)
		close(fd);
	text[count > 0 ? count : 0] = 0;
	return count > 0 ? (size_t)count : 0;
}

int send_fds(int channel, const void *bytes, size_t length, const int *fds, size_t count)
{
	const size_t size = count * sizeof *fds;
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof *fds * SENT_FDS_MAX)];
	} control = { .head = { CMSG_LEN(size), SOL_SOCKET, SCM_RIGHTS } };
	struct iovec body = { (void *)(uintptr_t)bytes, length };
	const struct msghdr message = { NULL, 0, &body, 1, &control, count ? CMSG_SPACE(size) : 0, 0 };
	if (count)
		memcpy(CMSG_DATA(&control.head), fds, size);
	return sendmsg(channel, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

void close_fds(int *fds, size_t count)
{
	for (; count--; *fds++ = -1)
		if (*fds >= 0)
			close(*fds);
}

int move_fd(int fd, int to)
{
	if (fd < 0 || fd == to)
		return fd;
	int result = (int)sys_result(dup3(fd, to, O_CLOEXEC));
	close(fd);
	return result;
}

/* Closes the fds between two, neither of them included. */
static int close_between(int after, int before)
{
	return after + 1 < before ? sys_close_range((unsigned)after + 1, (unsigned)before - 1, 0) : 0;
}

int close_all_but(int one, int other)
{
	int low = one < other ? one : other, high = one < other ? other : one;
	low = low < 2 ? 2 : low;
	high = high < low ? low : high;
	int error = close_between(2, low);
	if (!error)
		error = close_between(low, high);
	return error ? error : sys_close_range((unsigned)high + 1, ~0u, 0);
}
