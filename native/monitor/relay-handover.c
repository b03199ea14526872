/*
 * Listeners that go from the monitor of one container to that of the one which takes its place. Both have the very same sockets for a moment:
 * whoever connects meanwhile is in a queue that somebody reads from then on, and no port is ever free.
 */
#include "monitor/relay-handover.h"
#include "core/io.h"
#include "core/protocol.h"
#include "core/sys.h"
#include "monitor/connections.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

/* What another monitor may take to answer, in seconds: one that is stopped never does. */
#define GIVER_PATIENCE 2

void relay_give_listeners(const struct relay_config *config, int fd)
{
	int given[SENT_FDS_MAX];
	size_t count = 0;
	for (size_t i = 0; i < config->port_count; i++) {
		given[count++] = config->ports[i].listener;
		if (count < SENT_FDS_MAX && i + 1 < config->port_count)
			continue;
		/* Whoever misses one finds its port taken, and leaves all as it is. */
		if (send_fds(fd, "", 1, given, count))
			return;
		count = 0;
	}
}

/* Asks the monitor that listens at `path`. A connection, or a negative errno. */
static int ask_giver(const char *path)
{
	struct sockaddr_un address = { 0 };
	const struct timeval patience = { .tv_sec = GIVER_PATIENCE };
	const uint8_t question[FRAME_HEAD] = { REQUEST_GIVE_LISTENERS };
	int folder = short_address(path, &address);
	if (folder < 0)
		return folder;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int error = fd < 0 ? -errno : 0;
	if (!error && (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) ||
		       setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) ||
		       connect(fd, (struct sockaddr *)&address, sizeof address)))
		error = -errno;
	if (!error)
		error = write_all(fd, question, sizeof question);
	close(folder);
	if (error && fd >= 0)
		close(fd);
	return error ? error : fd;
}

static int add_all(struct listeners *out, const int *fds, size_t count)
{
	struct listener *list = realloc(out->list, (out->count + count + 1) * sizeof *list);
	int error = list ? 0 : -ENOMEM;
	if (list)
		out->list = list;
	for (size_t i = 0; i < count; i++) {
		if (!error)
			error = listener_describe(fds[i], &out->list[out->count]);
		if (error)
			close(fds[i]);
		else
			out->count++;
	}
	return error;
}

int relay_ask_listeners(const char *path, struct listeners *out)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int) * SENT_FDS_MAX)];
	} control;
	int fds[SENT_FDS_MAX], error = 0, giver = ask_giver(path);
	if (giver < 0)
		return giver;
	/* What it says beside is its answer, which has been given when it lets go. */
	for (ssize_t got = 1; got > 0 && !error;) {
		char said[64];
		struct iovec body = { said, sizeof said };
		struct msghdr message = { .msg_iov = &body, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes };
		got = recvmsg(giver, &message, MSG_CMSG_CLOEXEC);
		const struct cmsghdr *rights = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;
		size_t size = rights && rights->cmsg_type == SCM_RIGHTS ? rights->cmsg_len - CMSG_LEN(0) : 0;
		memcpy(fds, CMSG_DATA(&control.head), size);
		error = got < 0 ? -errno : add_all(out, fds, size / sizeof *fds);
	}
	close(giver);
	return error;
}
