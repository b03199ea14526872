#include "launcher/host.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

int host_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct ucred peer;
	socklen_t size = sizeof peer;
	if (strlen(path) >= sizeof address.sun_path)
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) < 0 ||
		getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) {
		int problem = -errno;
		close(fd);
		return problem;
	}
	/* Whoever listens there is told all that our environment has. */
	if (peer.uid != geteuid()) {
		close(fd);
		return -EPERM;
	}
	return fd;
}

int host_send(int fd, uint32_t kind, const void *payload, size_t length)
{
	uint32_t head[] = { kind, (uint32_t)length };
	const uint8_t *parts[] = { (const uint8_t *)head, payload };
	size_t sizes[] = { sizeof head, length };
	for (unsigned i = 0; i < 2; i++) {
		for (size_t at = 0; at < sizes[i];) {
			ssize_t count = send(fd, parts[i] + at, sizes[i] - at, MSG_NOSIGNAL | (i == 0 ? MSG_MORE : 0));
			if (count < 0 && errno != EINTR)
				return -errno;
			at += count < 0 ? 0 : (size_t)count;
		}
	}
	return 0;
}

static int milliseconds_since(const struct timespec *then)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int)((now.tv_sec - then->tv_sec) * 1000 + (now.tv_nsec - then->tv_nsec) / 1000000);
}

int host_await(struct inbox *inbox, struct arrival *arrival, int patience)
{
	struct timespec begin;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	while (!inbox_next(inbox, arrival)) {
		int left = patience - milliseconds_since(&begin);
		struct pollfd wanted = { .fd = inbox->fd, .events = POLLIN };
		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&wanted, 1, left) <= 0)
			continue;
		int result = inbox_read(inbox);
		if (result < 0)
			return result;
	}
	return 0;
}
