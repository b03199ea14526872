/* The monitor's socket and who is connected: frames to them, bytes of theirs. What these ask is for requests.c. */
#include "monitor/connections.h"
#include "core/clock.h"
#include "core/protocol.h"
#include "core/sys.h"
#include "monitor/state.h"
#include "monitor/stdin.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* An attached reader that is so far behind holds the container back: no more output is taken until it has caught up. */
#define HOLD_AT (1024u * 1024)
/* What a connection may have to send at most: what comes beside output, and what a container leaves at its end. */
#define BACKLOG_MAX (32u * 1024 * 1024)

int short_address(const char *path, struct sockaddr_un *address)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (size_t)(slash - path) : 0;
	if (!slash || length >= sizeof folder)
		return -ENAMETOOLONG;
	memcpy(folder, path, length);
	folder[length] = 0;
	int fd = open(length ? folder : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	address->sun_family = AF_UNIX;
	int count = snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d%s", fd, slash);
	if (count < 0 || (size_t)count >= sizeof address->sun_path) {
		close(fd);
		return -ENAMETOOLONG;
	}
	return fd;
}

int connections_listen(struct monitor *monitor)
{
	struct sockaddr_un address = { 0 };
	int folder = short_address(monitor->settings.socket, &address);
	if (folder < 0)
		return folder;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error = fd < 0 ? -errno : 0;
	unlink(monitor->settings.socket);
	mode_t before = umask(0177);
	if (!error && (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 16)))
		error = -errno;
	umask(before);
	close(folder);
	if (!error)
		monitor->listener = fd;
	else if (fd >= 0)
		close(fd);
	return error;
}

void connections_accept(struct monitor *monitor)
{
	struct ucred peer;
	socklen_t length = sizeof peer;
	int fd = accept4(monitor->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	/* The folder is root's alone; this is the second lock. */
	bool allowed = !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) && (peer.uid == 0 || peer.uid == geteuid());
	for (unsigned i = 0; allowed && i < CONNECTIONS_MAX; i++) {
		if (monitor->connections[i].fd >= 0)
			continue;
		monitor->connections[i] = (struct connection){ .fd = fd };
		monitor->connection_count++;
		monitor->had_connection = true;
		return;
	}
	close(fd);
}

void connection_drop(struct monitor *monitor, struct connection *connection)
{
	if (connection->fd < 0)
		return;
	bool ends_stdin = connection->fed_stdin && monitor->settings.stdin_once;
	bool followed = connection->follows;
	close(connection->fd);
	free(connection->in.bytes);
	free(connection->out.bytes);
	*connection = (struct connection){ .fd = -1 };
	monitor->connection_count--;
	if (followed) {
		connections_keep_followed(monitor);
		log_prune(&monitor->log);
	}
	if (ends_stdin)
		stdin_close(monitor);
}

void connection_flush(struct monitor *monitor, struct connection *connection)
{
	struct buffer *out = &connection->out;
	while (connection->fd >= 0 && out->length) {
		ssize_t count = send(connection->fd, out->bytes, out->length, MSG_NOSIGNAL);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0 && errno == EAGAIN)
			return;
		if (count < 0) {
			connection_drop(monitor, connection);
			return;
		}
		buffer_consume(out, (size_t)count);
		connection->taken_at = boot_nanoseconds();
	}
}

/* Tells an attached connection that it gets no more. All that was queued before is whole, and still sent. */
static void lose(struct connection *connection)
{
	const uint8_t head[FRAME_HEAD] = { MESSAGE_LOST };
	connection->attached = false;
	(void)buffer_append(&connection->out, head, sizeof head, SIZE_MAX);
}

void connection_send(struct monitor *monitor, struct connection *connection, unsigned type, unsigned flag,
		     const void *bytes, size_t length)
{
	uint8_t head[FRAME_HEAD] = { (uint8_t)type, (uint8_t)flag };
	uint32_t size = (uint32_t)length;
	memcpy(head + 4, &size, sizeof size);
	if (connection->fd < 0)
		return;
	if (!connection->out.length)
		connection->taken_at = boot_nanoseconds();
	/* Whole frames alone: half of one would be taken for the beginning of the next. */
	bool fits = connection->out.length + sizeof head + length <= BACKLOG_MAX;
	if (!fits && type == MESSAGE_OUTPUT)
		lose(connection);
	else if (!fits || buffer_append(&connection->out, head, sizeof head, BACKLOG_MAX) ||
		 buffer_append(&connection->out, bytes, length, BACKLOG_MAX))
		connection_drop(monitor, connection);
	else if (connection->out.length < 4 * FRAME_MAX || type != MESSAGE_OUTPUT)
		connection_flush(monitor, connection);
}

static bool holds(const struct connection *connection)
{
	return connection->fd >= 0 && connection->attached && connection->out.length >= HOLD_AT;
}

uint64_t connections_held_until(const struct monitor *monitor)
{
	uint64_t first = 0;
	for (unsigned i = 0; i < CONNECTIONS_MAX; i++) {
		const struct connection *connection = &monitor->connections[i];
		uint64_t until = connection->taken_at + monitor->settings.patience;
		if (holds(connection) && (!first || until < first))
			first = until;
	}
	return first;
}

void connections_keep_followed(struct monitor *monitor)
{
	struct log *log = &monitor->log;
	uint64_t now = 0;
	log->wanted_from = 0;
	for (unsigned i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection *connection = &monitor->connections[i];
		if (connection->fd < 0 || !connection->follows)
			continue;
		now = now ? now : boot_nanoseconds();
		/* Whoever has the present file has nothing more to read; its time begins when there is more. */
		if (connection->follows >= log->part.number)
			connection->follows_since = now;
		bool gets_on = now - connection->follows_since < monitor->settings.patience;
		if (gets_on && (!log->wanted_from || connection->follows < log->wanted_from))
			log->wanted_from = connection->follows;
	}
}

/* One that is stopped, or waits for ever for its own reader, must not stop the container for ever. */
void connections_let_go(struct monitor *monitor, uint64_t now)
{
	for (unsigned i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection *connection = &monitor->connections[i];
		if (holds(connection) && now - connection->taken_at >= monitor->settings.patience)
			lose(connection);
	}
}

bool connections_flushed(const struct monitor *monitor)
{
	for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
		if (monitor->connections[i].fd >= 0 && monitor->connections[i].out.length)
			return false;
	return true;
}

void connection_receive(struct monitor *monitor, struct connection *connection)
{
	uint8_t bytes[FRAME_MAX];
	ssize_t count = recv(connection->fd, bytes, sizeof bytes, 0);
	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (count <= 0 || buffer_append(&connection->in, bytes, (size_t)count, 4 * FRAME_MAX))
		connection_drop(monitor, connection);
}
