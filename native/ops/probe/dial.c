/* Asks a server of a container whether it answers: from the container's network, or at a socket of its files. */
#include "core/clock.h"
#include "core/state.h"
#include "core/sys.h"
#include "ops/namespaces.h"
#include "ops/operations.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define MILLISECOND 1000000ULL
/* Most that is read of an answer. */
#define ANSWER_MAX 4096

struct target {
	struct sockaddr_storage address;
	socklen_t length;
};

/* Waits until the socket is ready; -ETIMEDOUT at `end`. */
static int wait_for(int fd, short events, uint64_t end)
{
	struct pollfd polled = { .fd = fd, .events = events };
	for (;;) {
		uint64_t now = boot_nanoseconds();
		if (now >= end)
			return -ETIMEDOUT;
		int count = poll(&polled, 1, (int)((end - now) / MILLISECOND) + 1);
		if (count > 0)
			return 0;
		if (count < 0 && errno != EINTR)
			return -errno;
	}
}

static int unix_target(const char *path, size_t length, struct target *target)
{
	struct sockaddr_un *address = (struct sockaddr_un *)&target->address;
	if (length >= sizeof address->sun_path)
		return -ENAMETOOLONG;
	address->sun_family = AF_UNIX;
	memcpy(address->sun_path, path, length);
	/* An abstract name begins with a zero byte, and ends with its last. */
	if (path[0] == '@')
		address->sun_path[0] = 0;
	target->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (path[0] != '@'));
	return 0;
}

static int target_of(const char *text, uint16_t port, struct target *target)
{
	*target = (struct target){ 0 };
	struct sockaddr_in *four = (struct sockaddr_in *)&target->address;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&target->address;
	if (text[0] == '@' || text[0] == '/')
		return unix_target(text, strlen(text), target);
	if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = htons(port);
		target->length = sizeof *four;
		return 0;
	}
	if (inet_pton(AF_INET6, text, &six->sin6_addr) != 1)
		return -EINVAL;
	six->sin6_family = AF_INET6;
	six->sin6_port = htons(port);
	target->length = sizeof *six;
	return 0;
}

/* A socket of the container's network: it belongs to the namespace in which it is made. */
static int open_inside(int family)
{
	int error = netns_enter(CONTAINER_NETNS);
	if (error)
		return error;
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	error = fd < 0 ? -errno : 0;
	int back = netns_enter(HOST_NETNS);
	if (back && fd >= 0)
		close(fd);
	return error ? error : back ? back : fd;
}

/* A connection, or a negative errno. */
static int connect_to(const struct target *target, uint64_t end)
{
	int fd = open_inside(target->address.ss_family);
	int error = 0;
	socklen_t size = sizeof error;
	if (fd < 0)
		return fd;
	if (connect(fd, (const struct sockaddr *)&target->address, target->length)) {
		error = -errno;
		if (error == -EINPROGRESS)
			error = wait_for(fd, POLLOUT, end);
		int late = 0;
		if (!error && (getsockopt(fd, SOL_SOCKET, SO_ERROR, &late, &size) || late))
			error = late ? -late : -errno;
	}
	if (error)
		close(fd);
	return error ? error : fd;
}

static int send_all(int fd, const uint8_t *bytes, size_t length, uint64_t end)
{
	while (length) {
		ssize_t count = send(fd, bytes, length, MSG_NOSIGNAL);
		int error = count >= 0 ? 0 : errno == EAGAIN ? wait_for(fd, POLLOUT, end) : errno == EINTR ? 0 : -errno;
		if (error)
			return error;
		bytes += count > 0 ? count : 0;
		length -= count > 0 ? (size_t)count : 0;
	}
	return 0;
}

/* Reads to the end of the first line, of the answer, or of the room. Its length. */
static int receive_line(int fd, uint8_t answer[ANSWER_MAX], uint64_t end)
{
	size_t length = 0;
	while (length < ANSWER_MAX && !memchr(answer, '\n', length)) {
		int error = wait_for(fd, POLLIN, end);
		ssize_t count = error ? -1 : recv(fd, answer + length, ANSWER_MAX - length, 0);
		if (error || (count < 0 && errno != EINTR && errno != EAGAIN))
			return error ? error : -errno;
		if (count == 0)
			break;
		length += count > 0 ? (size_t)count : 0;
	}
	return (int)length;
}

/* What is said and heard on a connection. Its answer is the operation's result. */
static int talk(struct state *state, int fd, const struct field *sent, uint64_t end)
{
	uint8_t answer[ANSWER_MAX];
	int error = send_all(fd, sent->data, sent->length, end);
	int length = error || !sent->length ? error : receive_line(fd, answer, end);
	return length < 0 ? length : add_result(state, answer, (size_t)length);
}

/* By the file itself: its path may lead elsewhere by now, and be longer than an address holds. */
static int dial_file(int file, uint64_t end)
{
	char path[32];
	struct target target = { 0 };
	if (file < 0)
		return file;
	int length = snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	int error = unix_target(path, (size_t)length, &target);
	return error ? error : connect_to(&target, end);
}

/* The first address that takes a connection is asked, and none after it. */
int op_dial(struct state *state, const struct field *f)
{
	uint64_t end = boot_nanoseconds() + f[DIAL_TIMEOUT].number * MILLISECOND;
	uint32_t offset = 0;
	int fd = -EDESTADDRREQ;
	if (f[DIAL_SLOT].number != ABSENT)
		fd = dial_file(slot_get(state, f[DIAL_SLOT].number), end);
	for (const char *text; fd < 0 && (text = field_string(&f[DIAL_ADDRESSES], &offset));) {
		struct target target;
		int error = target_of(text, (uint16_t)f[DIAL_PORT].number, &target);
		int tried = error ? error : connect_to(&target, end);
		/* Where one was refused and another cannot even be asked, the refusal says more. */
		if (fd != -ECONNREFUSED || tried >= 0)
			fd = tried;
	}
	if (fd < 0)
		return fd;
	int error = talk(state, fd, &f[DIAL_SEND], end);
	close(fd);
	return error;
}
