#include "monitor/output.h"
#include "core/protocol.h"
#include "core/sys.h"
#include "monitor/connections.h"
#include "monitor/state.h"

/* Reads of what is left when the container has ended: a process outside of it may write for ever. */
#define DRAIN_READS 64

static void forward(struct monitor *monitor, struct stream *stream, const char *bytes, size_t length)
{
	for (unsigned i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection *connection = &monitor->connections[i];
		for (size_t at = 0; connection->fd >= 0 && connection->attached && at < length;) {
			size_t part = length - at < FRAME_MAX ? length - at : FRAME_MAX;
			connection_send(monitor, connection, MESSAGE_OUTPUT, (unsigned)stream->number, bytes + at, part);
			at += part;
		}
	}
}

/* One read; 1: there was something. */
static int read_once(struct monitor *monitor, struct stream *stream)
{
	char *bytes = monitor->read_buffer;
	ssize_t count = stream->fd < 0 ? -1 : read(stream->fd, bytes, READ_MAX);
	if (count > 0) {
		connections_keep_followed(monitor);
		log_write(&monitor->log, stream, bytes, (size_t)count);
		forward(monitor, stream, bytes, (size_t)count);
		return 1;
	}
	/* EIO: nobody has the terminal open any more. The fd itself belongs to the process. */
	if (count == 0 || (stream->fd >= 0 && errno != EAGAIN && errno != EINTR))
		stream->fd = monitor->settings.tty ? -1 : stream->fd;
	return 0;
}

void output_read(struct monitor *monitor, struct stream *stream)
{
	if (!read_once(monitor, stream))
		return;
	/* Small writes are logged at once, a flood in large pieces. */
	log_flush(&monitor->log);
}

void output_drain(struct monitor *monitor)
{
	for (int i = 0; i < 2; i++) {
		for (int reads = 0; reads < DRAIN_READS && read_once(monitor, &monitor->streams[i]); reads++)
			;
		log_end_line(&monitor->log, &monitor->streams[i]);
	}
	log_flush(&monitor->log);
	if (monitor->settings.tty)
		monitor->streams[0].fd = -1;
}
