/*
 * Published TCP ports: accept, connect to the container, move bytes both ways until both have ended (flow.c). A side that sends faster
 * than the other takes is not read until what it sent has gone, so a session never holds more than one read.
 */
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "relay/flow.h"
#include "relay/tcp.h"

/* A container that doesn't answer at all is given up after this; one without a listener refuses at once, unless it has just been woken (monitor/sleep.c). */
#define CONNECT_TIMEOUT 120000
/* How long a listener rests when the kernel has no fd or memory left. */
#define PAUSE 200
#define ACCEPTS_PER_TURN 32
/* How often it is looked whether a client has taken what it was sent before a reset, and how many times while it takes nothing. */
#define LEAVE_LOOK 20
#define LEAVE_LOOKS 250
/* TCP_CLOSE, whose name the kernel's header does not have. */
#define STATE_CLOSE 7

struct tcp_port {
	struct grave grave; /* first: see loop_bury */
	struct watch listener;
	struct timer pause;
	struct relay *relay;
	const struct relay_port *config;
	struct tcp_port *next;
};

struct session {
	struct grave grave; /* first: see loop_bury */
	struct relay *relay;
	struct watch client, target;
	struct flow up, down;
	struct timer connecting, leaving;
	uint64_t acked; /* by a client that is left, when it was looked at last */
	unsigned looks; /* since it took something */
	bool connected;
};

static void session_close(struct session *session, bool reset)
{
	struct relay *relay = session->relay;

	if (reset && session->client.fd >= 0) {
		struct linger linger = { .l_onoff = 1, .l_linger = 0 };

		setsockopt(session->client.fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
	}
	timer_stop(&session->connecting);
	timer_stop(&session->leaving);
	watch_close(&relay->loop, &session->client);
	watch_close(&relay->loop, &session->target);
	flow_close(relay, &session->up);
	flow_close(relay, &session->down);
	loop_bury(&relay->loop, &session->grave);
	relay->connections--;
	tcp_resume(relay);
}

/* Reads where the last read has gone, writes where one has not. */
static bool session_watch(struct session *session)
{
	struct flow *up = &session->up, *down = &session->down;
	bool up_held = flow_is_held(up), down_held = flow_is_held(down);
	uint32_t client = (up->ended || up_held ? 0 : EPOLLIN) | (down_held ? EPOLLOUT : 0);
	uint32_t target = (down->ended || down_held ? 0 : EPOLLIN) | (up_held ? EPOLLOUT : 0);

	return watch_want(&session->relay->loop, &session->client, client) &&
	       watch_want(&session->relay->loop, &session->target, target);
}

/* Whether the client has all that it was sent, or takes nothing any more. */
static bool session_is_taken(struct session *session)
{
	struct tcp_info info = { .tcpi_state = STATE_CLOSE };
	socklen_t length = sizeof info;

	if (getsockopt(session->client.fd, IPPROTO_TCP, TCP_INFO, &info, &length) < 0 || info.tcpi_state == STATE_CLOSE)
		return true;
	if (info.tcpi_bytes_acked != session->acked)
		session->looks = 0;
	session->acked = info.tcpi_bytes_acked;
	return (!info.tcpi_unacked && !info.tcpi_notsent_bytes) || session->looks++ == LEAVE_LOOKS;
}

/* Ends in a reset, as the target did: behind what the target has said before, for a reset takes back what is on its way. */
static void session_leave(struct session *session)
{
	struct relay *relay = session->relay;

	if (session_is_taken(session)) {
		session_close(session, true);
		return;
	}
	watch_close(&relay->loop, &session->target);
	watch_want(&relay->loop, &session->client, 0);
	timer_start(&relay->tcp_leaving, &session->leaving);
}

static void leave_expired(struct timer *timer)
{
	session_leave(OWNER(timer, struct session, leaving));
}

/* A target may answer and close before it has read all: that it takes no more is no reason not to hand on what it has said. */
static int session_flow(struct session *session)
{
	struct flow *up = &session->up, *down = &session->down;
	int error = up->refused ? 0 : flow_move(session->relay, up);

	if (error < 0 && !up->refused)
		return error;
	/* The kernel tells of a reset once: who reads next gets an end (EPIPE: there was one before the reset). */
	down->cut = up->refused == ECONNRESET;
	error = flow_move(session->relay, down);
	return error || !up->refused || !down->shut ? error : -EPIPE;
}

static void session_move(struct session *session)
{
	if (session_flow(session) < 0)
		session_leave(session);
	else if ((session->up.shut && session->down.shut) || !session_watch(session))
		session_close(session, false);
}

static void client_ready(struct watch *watch, uint32_t events)
{
	(void)events;
	session_move(OWNER(watch, struct session, client));
}

static void target_ready(struct watch *watch, uint32_t events)
{
	struct session *session = OWNER(watch, struct session, target);
	int error = 0;
	socklen_t length = sizeof error;

	(void)events;
	if (!session->connected) {
		if (getsockopt(watch->fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0 || error) {
			session_close(session, true);
			return;
		}
		session->connected = true;
		timer_stop(&session->connecting);
	}
	session_move(session);
}

static void connect_expired(struct timer *timer)
{
	session_close(OWNER(timer, struct session, connecting), true);
}

static void set_options(int fd)
{
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

void tcp_lead(struct relay *relay, int client, const struct sockaddr *to, socklen_t length)
{
	struct session *session = calloc(1, sizeof *session);
	int target = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (!session || target < 0) {
		free(session);
		close(client);
		if (target >= 0)
			close(target);
		return;
	}
	session->relay = relay;
	watch_open(&session->client, client, client_ready);
	watch_open(&session->target, target, target_ready);
	flow_open(&session->up, &session->client, &session->target);
	flow_open(&session->down, &session->target, &session->client);
	set_options(client);
	set_options(target);
	relay->connections++;
	if (connect(target, to, length) < 0 && errno != EINPROGRESS) {
		session_close(session, true);
		return;
	}
	timer_start(&relay->tcp_connecting, &session->connecting);
	if (!watch_want(&relay->loop, &session->target, EPOLLOUT))
		session_close(session, true);
}

/* Errors of one connection that died before it was accepted; all others are ours: rest a little. */
static bool accept_error_passes(int error)
{
	return error == EINTR || error == ECONNABORTED || error == EPROTO || error == EPERM;
}

static void listener_ready(struct watch *watch, uint32_t events)
{
	struct tcp_port *port = OWNER(watch, struct tcp_port, listener);
	struct relay *relay = port->relay;

	(void)events;
	for (int turn = 0; turn < ACCEPTS_PER_TURN; turn++) {
		int client;

		if (relay->connections >= relay->connections_max) {
			watch_want(&relay->loop, watch, 0);
			return;
		}
		client = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (client >= 0 && relay->newcomer) {
			relay->newcomer(relay, port->config, client);
		} else if (client >= 0) {
			tcp_lead(relay, client, (const struct sockaddr *)&port->config->target, port->config->target_length);
		} else if (errno == EAGAIN) {
			return;
		} else if (!accept_error_passes(errno)) {
			watch_want(&relay->loop, watch, 0);
			timer_start(&relay->tcp_paused, &port->pause);
			return;
		}
	}
}

void tcp_resume(struct relay *relay)
{
	for (struct tcp_port *port = relay->tcp_ports; port; port = port->next)
		if (!port->listener.wanted && !port->pause.list)
			watch_want(&relay->loop, &port->listener, EPOLLIN);
}

static void pause_expired(struct timer *timer)
{
	struct tcp_port *port = OWNER(timer, struct tcp_port, pause);

	watch_want(&port->relay->loop, &port->listener, EPOLLIN);
}

int tcp_start(struct relay *relay)
{
	timers_init(&relay->loop, &relay->tcp_connecting, CONNECT_TIMEOUT, connect_expired);
	timers_init(&relay->loop, &relay->tcp_leaving, LEAVE_LOOK, leave_expired);
	timers_init(&relay->loop, &relay->tcp_paused, PAUSE, pause_expired);
	for (size_t i = 0; i < relay->config->port_count; i++) {
		const struct relay_port *config = &relay->config->ports[i];
		int error = config->protocol == IPPROTO_TCP ? tcp_add(relay, config) : 0;

		if (error)
			return error;
	}
	return 0;
}

int tcp_add(struct relay *relay, const struct relay_port *config)
{
	struct tcp_port *port = calloc(1, sizeof *port);

	if (!port)
		return -ENOMEM;
	port->relay = relay;
	port->config = config;
	port->next = relay->tcp_ports;
	relay->tcp_ports = port;
	watch_open(&port->listener, config->listener, listener_ready);
	return watch_want(&relay->loop, &port->listener, EPOLLIN) ? 0 : -errno;
}

const struct relay_port *tcp_remove(struct relay *relay, uint32_t id)
{
	for (struct tcp_port **link = &relay->tcp_ports; *link; link = &(*link)->next) {
		struct tcp_port *port = *link;

		if (port->config->id != id)
			continue;
		*link = port->next;
		timer_stop(&port->pause);
		watch_close(&relay->loop, &port->listener);
		loop_bury(&relay->loop, &port->grave);
		return port->config;
	}
	return NULL;
}
