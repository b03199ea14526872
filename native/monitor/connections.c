/* The monitor's socket: requests of the engine, output and status to it. */
#include "monitor/state.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* The folder of a path, and the path of the socket by way of it: a socket's address holds 107 bytes, a path may be longer. */
static int short_address(const char *path, struct sockaddr_un *address)
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

int control_listen(struct monitor *monitor)
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

void control_accept(struct monitor *monitor)
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

static void drop(struct monitor *monitor, struct connection *connection)
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
		control_keep_followed(monitor);
		log_prune(&monitor->log);
	}
	if (ends_stdin)
		stdio_close_stdin(monitor);
}

static void flush(struct monitor *monitor, struct connection *connection)
{
	struct buffer *out = &connection->out;
	while (connection->fd >= 0 && out->length) {
		ssize_t count = send(connection->fd, out->bytes, out->length, MSG_NOSIGNAL);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0 && errno == EAGAIN)
			return;
		if (count < 0) {
			drop(monitor, connection);
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

/* Queues a frame. */
void control_send(struct monitor *monitor, struct connection *connection, unsigned type, unsigned flag,
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
		drop(monitor, connection);
	else if (connection->out.length < 4 * FRAME_MAX || type != MESSAGE_OUTPUT)
		flush(monitor, connection);
}

static bool holds(const struct connection *connection)
{
	return connection->fd >= 0 && connection->attached && connection->out.length >= HOLD_AT;
}

uint64_t control_held_until(const struct monitor *monitor)
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

void control_keep_followed(struct monitor *monitor)
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
void control_let_go(struct monitor *monitor, uint64_t now)
{
	for (unsigned i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection *connection = &monitor->connections[i];
		if (holds(connection) && now - connection->taken_at >= monitor->settings.patience)
			lose(connection);
	}
}

bool control_flushed(const struct monitor *monitor)
{
	for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
		if (monitor->connections[i].fd >= 0 && monitor->connections[i].out.length)
			return false;
	return true;
}

/* Answers a request with a reply that says whether it failed. */
static void answer(struct monitor *monitor, struct connection *connection, unsigned request, int error)
{
	struct state *state = monitor->state;
	struct buffer reply = { 0 };
	if (error && !state->failure.error)
		state->failure = (struct failure){ .op = ABSENT, .error = -error };
	if (!build_reply(state, -1, &reply))
		control_send(monitor, connection, MESSAGE_ANSWER, request, reply.bytes, reply.length);
	free(reply.bytes);
	state->failure = (struct failure){ 0 };
}

static void subscribe(struct monitor *monitor, struct connection *connection)
{
	char text[2048];
	connection->subscribed = true;
	control_send(monitor, connection, MESSAGE_STATUS, 0, text, status_text(monitor, text, sizeof text));
}

static int set_restart(struct monitor *monitor, const uint8_t *payload)
{
	uint32_t policy = load_u32(payload);
	if (policy > RESTART_UNLESS_STOPPED)
		return -EINVAL;
	monitor->settings.restart = policy;
	monitor->settings.restart_max = load_u32(payload + 4);
	status_changed(monitor);
	return 0;
}

/* A connection's reader is at this file of the log: those before it are no more kept for it. */
static int follow(struct monitor *monitor, struct connection *connection, const uint8_t *payload)
{
	uint64_t number = load_u32(payload) | (uint64_t)load_u32(payload + 4) << 32;
	if (!monitor->log.path[0])
		return -ENOENT;
	connection->follows_since = boot_nanoseconds();
	connection->follows = number;
	control_keep_followed(monitor);
	log_prune(&monitor->log);
	return 0;
}

static void obey(struct monitor *monitor, struct connection *connection, const uint8_t *frame, uint32_t length)
{
	const uint8_t *payload = frame + FRAME_HEAD;
	unsigned request = frame[0];
	bool numbers = length >= 8;
	int error = -EPROTO;
	switch (request) {
	case REQUEST_STDIN:
		connection->fed_stdin = true;
		stdio_feed(monitor, payload, length);
		return;
	case REQUEST_START:
		error = monitor->phase == PHASE_CREATED ? life_start(monitor) : -EALREADY;
		break;
	case REQUEST_SIGNAL:
		error = numbers ? life_signal(monitor, (int)load_u32(payload), load_u32(payload + 4)) : -EPROTO;
		break;
	case REQUEST_RESIZE:
		error = numbers ? 0 : -EPROTO;
		if (numbers)
			stdio_resize(monitor, (uint16_t)load_u32(payload), (uint16_t)load_u32(payload + 4));
		break;
	case REQUEST_STDIN_CLOSE:
		stdio_close_stdin(monitor);
		error = 0;
		break;
	case REQUEST_ATTACH:
		connection->attached = true;
		error = 0;
		break;
	case REQUEST_SUBSCRIBE:
		error = 0;
		break;
	case REQUEST_SET_RESTART:
		error = numbers ? set_restart(monitor, payload) : -EPROTO;
		break;
	case REQUEST_SET_NETWORKS:
		error = relay_set_networks(monitor, payload, length);
		break;
	case REQUEST_FOLLOW:
		error = numbers ? follow(monitor, connection, payload) : -EPROTO;
		break;
	default:
		break;
	}
	answer(monitor, connection, request, error);
	if (request == REQUEST_SUBSCRIBE)
		subscribe(monitor, connection);
}

/* Takes whole frames from what was received. */
static void take_frames(struct monitor *monitor, struct connection *connection)
{
	struct buffer *in = &connection->in;
	size_t used = 0;
	while (connection->fd >= 0 && in->length - used >= FRAME_HEAD) {
		const uint8_t *frame = in->bytes + used;
		uint32_t length = load_u32(frame + 4);
		if (length > FRAME_MAX) {
			drop(monitor, connection);
			return;
		}
		if (in->length - used < FRAME_HEAD + length)
			break;
		obey(monitor, connection, frame, length);
		used += FRAME_HEAD + length;
	}
	if (connection->fd >= 0 && used)
		buffer_consume(in, used);
}

static void receive(struct monitor *monitor, struct connection *connection)
{
	uint8_t bytes[FRAME_MAX];
	ssize_t count = recv(connection->fd, bytes, sizeof bytes, 0);
	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (count <= 0 || buffer_append(&connection->in, bytes, (size_t)count, 4 * FRAME_MAX))
		drop(monitor, connection);
	else
		take_frames(monitor, connection);
}

void control_serve(struct monitor *monitor, struct connection *connection, short events)
{
	if (connection->fd >= 0 && events & POLLOUT)
		flush(monitor, connection);
	if (connection->fd >= 0 && events & POLLIN)
		receive(monitor, connection);
	else if (connection->fd >= 0 && events & (POLLHUP | POLLERR))
		drop(monitor, connection);
}
