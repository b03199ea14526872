/* What the engine asks: each request is obeyed when its frame is whole, and answered. */
#include "monitor/requests.h"
#include "core/clock.h"
#include "core/protocol.h"
#include "core/sys.h"
#include "monitor/connections.h"
#include "monitor/life.h"
#include "monitor/relay-handover.h"
#include "monitor/relay-networks.h"
#include "monitor/relay-ports.h"
#include "monitor/relay-servers.h"
#include "monitor/relay-shortcut.h"
#include "monitor/sleep.h"
#include "monitor/state.h"
#include "monitor/status-text.h"
#include "monitor/status.h"
#include "monitor/stdin.h"
#include "monitor/stdio.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

/* Answers a request with a reply that says whether it failed. */
static void answer(struct monitor *monitor, struct connection *connection, unsigned request, int error)
{
	struct state *state = monitor->state;
	struct buffer reply = { 0 };
	if (error && !state->failure.error)
		state->failure = (struct failure){ .op = ABSENT, .error = -error };
	if (!build_reply(state, -1, &reply))
		connection_send(monitor, connection, MESSAGE_ANSWER, request, reply.bytes, reply.length);
	free(reply.bytes);
	state->failure = (struct failure){ 0 };
}

static void subscribe(struct monitor *monitor, struct connection *connection)
{
	char text[STATUS_MAX];
	connection->subscribed = true;
	connection_send(monitor, connection, MESSAGE_STATUS, 0, text, status_text(monitor, text, sizeof text));
}

static int set_restart(struct monitor *monitor, const uint8_t *payload)
{
	uint32_t policy = load_u32(payload);
	if (policy > RESTART_POLICY_UNLESS_STOPPED)
		return -EINVAL;
	monitor->settings.restart = policy;
	monitor->settings.restart_max = load_u32(payload + 4);
	status_changed(monitor);
	return 0;
}

/*
 * What the next runs are made by, and how large the log may be from now on. What was set up once stays, and so do the bytes of before: parts of
 * ours point into them.
 */
static int set_program(struct monitor *monitor, const uint8_t *payload, size_t length)
{
	struct program *program = &monitor->state->program, before = *program;
	struct settings wanted = { 0 };
	uint32_t bad_op;
	uint8_t *bytes = malloc(length + 1);
	if (!bytes)
		return -ENOMEM;
	memcpy(bytes, payload, length);
	int error = program_check(program, bytes, length, &bad_op);
	if (!error)
		error = settings_read(&wanted, monitor->state);
	if (error) {
		*program = before;
		free(bytes);
		return error;
	}
	monitor->log.max_size = wanted.log_max_size;
	monitor->log.max_files = wanted.log_max_files;
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
	connections_keep_followed(monitor);
	log_prune(&monitor->log);
	return 0;
}

/* Whether the payload of a request is two numbers, or begins with them. */
static bool has_numbers(unsigned request)
{
	return request == REQUEST_SIGNAL || request == REQUEST_RESIZE || request == REQUEST_SET_RESTART ||
	       request == REQUEST_FOLLOW || request == REQUEST_RENEW || request == REQUEST_SHORTCUT ||
	       request == REQUEST_SLEEP;
}

static int obey(struct monitor *monitor, struct connection *connection, const uint8_t *frame, uint32_t length)
{
	const uint8_t *payload = frame + FRAME_HEAD;
	if (has_numbers(frame[0]) && length < 8)
		return -EPROTO;
	switch (frame[0]) {
	case REQUEST_START:
		return monitor->phase == PHASE_CREATED ? life_start(monitor) : -EALREADY;
	case REQUEST_SIGNAL:
		return life_signal(monitor, (int)load_u32(payload), load_u32(payload + 4), false);
	case REQUEST_RENEW:
		return life_signal(monitor, (int)load_u32(payload), false, true);
	case REQUEST_RESIZE:
		stdio_resize(monitor, (uint16_t)load_u32(payload), (uint16_t)load_u32(payload + 4));
		return 0;
	case REQUEST_STDIN_CLOSE:
		stdin_close(monitor);
		return 0;
	case REQUEST_ATTACH:
		connection->attached = true;
		return 0;
	case REQUEST_SUBSCRIBE:
		return 0;
	case REQUEST_SET_RESTART:
		return set_restart(monitor, payload);
	case REQUEST_SET_NETWORKS:
		return relay_set_networks(monitor, payload, length);
	case REQUEST_DNS_LOG:
	case REQUEST_REFUSED_NAMES:
		return relay_has_log(monitor);
	case REQUEST_SET_PORTS:
		return relay_set_ports(monitor, payload, length);
	case REQUEST_TAKE_PORTS:
		return relay_take_ports(monitor, payload, length);
	case REQUEST_GIVE_LISTENERS:
		return 0;
	case REQUEST_SET_PROGRAM:
		return set_program(monitor, payload, length);
	case REQUEST_SET_SERVERS:
		return relay_set_servers(monitor, payload, length);
	case REQUEST_SHORTCUT:
		return relay_set_shortcut(monitor, payload, length);
	case REQUEST_SLEEP:
		return sleep_request(monitor, payload, length);
	case REQUEST_FOLLOW:
		return follow(monitor, connection, payload);
	default:
		return -EPROTO;
	}
}

/* One frame. Input is not answered: who sends it sees by the socket whether it is taken. */
static void serve_request(struct monitor *monitor, struct connection *connection, const uint8_t *frame, uint32_t length)
{
	if (frame[0] == REQUEST_STDIN) {
		connection->fed_stdin = true;
		stdin_feed(monitor, frame + FRAME_HEAD, length);
		return;
	}
	int error = obey(monitor, connection, frame, length);
	answer(monitor, connection, frame[0], error);
	if (connection->fd >= 0 && frame[0] == REQUEST_SUBSCRIBE)
		subscribe(monitor, connection);
	if (connection->fd >= 0 && frame[0] == REQUEST_GIVE_LISTENERS) {
		relay_lead_nowhere(monitor);
		relay_give_listeners(&monitor->relay.config, connection->fd);
		connection_drop(monitor, connection);
	}
	bool is_log = frame[0] == REQUEST_DNS_LOG;
	if (connection->fd >= 0 && (is_log || frame[0] == REQUEST_REFUSED_NAMES) && !error) {
		relay_hand_reader(monitor, is_log ? RELAY_LOG : RELAY_REFUSED, connection->fd);
		connection_drop(monitor, connection);
	}
}

/*
 * Takes whole frames from what was received. The bytes are ours meanwhile: an answer that nobody is there to take drops the
 * connection, and what it has.
 */
static void take_frames(struct monitor *monitor, struct connection *connection)
{
	struct buffer in = connection->in;
	size_t used = 0;
	connection->in = (struct buffer){ 0 };
	while (connection->fd >= 0 && in.length - used >= FRAME_HEAD) {
		const uint8_t *frame = in.bytes + used;
		uint32_t length = load_u32(frame + 4);
		if (length <= FRAME_MAX && in.length - used < FRAME_HEAD + length)
			break;
		used += FRAME_HEAD + length;
		length > FRAME_MAX ? connection_drop(monitor, connection) : serve_request(monitor, connection, frame, length);
	}
	if (connection->fd >= 0)
		buffer_consume(&in, used);
	else
		free(in.bytes);
	connection->in = connection->fd >= 0 ? in : connection->in;
}

void requests_serve(struct monitor *monitor, struct connection *connection, short events)
{
	if (connection->fd >= 0 && events & POLLOUT)
		connection_flush(monitor, connection);
	if (connection->fd >= 0 && events & POLLIN) {
		connection_receive(monitor, connection);
		take_frames(monitor, connection);
	} else if (connection->fd >= 0 && events & (POLLHUP | POLLERR)) {
		connection_drop(monitor, connection);
	}
}
