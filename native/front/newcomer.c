/*
 * A newcomer's first bytes are looked at where they are, in the kernel's queue: whoever he is led to reads them from there. Nothing is kept of him but
 * how much has come, and he may be silent for five seconds while it is not known whom he wants.
 */
#include "front/newcomer.h"
#include "front/answer.h"
#include "front/http.h"
#include "front/routes.h"
#include "front/tls.h"
#include "relay/tcp.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Milliseconds of silence before a name, and for an answer to be read. */
#define PATIENCE 5000
/* The longest first message that is understood. */
#define LOOK_MAX (TLS_HEAD + TLS_RECORD_MAX)
/* What one may send who is only answered to. */
#define REST_MAX (1u << 20)

struct newcomer {
	struct grave grave; /* first: see loop_bury */
	struct front *front;
	struct watch watch;
	struct timer timer;
	uint16_t port;
	size_t seen; /* bytes */
	size_t rest; /* of one that was answered: bytes that nobody wanted */
};

static void forget(struct newcomer *newcomer)
{
	struct relay *relay = &newcomer->front->relay;
	timer_stop(&newcomer->timer);
	loop_bury(&relay->loop, &newcomer->grave);
	relay->connections--;
}

static void dismiss(struct newcomer *newcomer)
{
	watch_close(&newcomer->front->relay.loop, &newcomer->watch);
	forget(newcomer);
	tcp_resume(&newcomer->front->relay);
}

static void lead(struct newcomer *newcomer, const struct front_route *route)
{
	struct relay *relay = &newcomer->front->relay;
	const struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(newcomer->port), .sin_addr = route->address };
	int fd = newcomer->watch.fd, one = 1;
	watch_want(&relay->loop, &newcomer->watch, 0);
	newcomer->watch.fd = -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &one, sizeof one);
	forget(newcomer);
	tcp_lead(relay, fd, (const struct sockaddr *)&to, sizeof to);
}

/* Reads on behind an answer: a socket that is closed with bytes in its queue takes back what it has sent. */
static void departing_ready(struct watch *watch, uint32_t events)
{
	struct newcomer *newcomer = OWNER(watch, struct newcomer, watch);
	struct relay *relay = &newcomer->front->relay;
	ssize_t got = recv(watch->fd, relay->scratch, sizeof relay->scratch, MSG_DONTWAIT);
	(void)events;
	if (got > 0)
		newcomer->rest += (size_t)got;
	if (newcomer->rest > REST_MAX || got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
		dismiss(newcomer);
}

static void answer(struct newcomer *newcomer, bool is_tls, bool is_long, const struct host_name *name)
{
	struct front *front = newcomer->front;
	int one = 1;
	if (is_tls)
		answer_tls(newcomer->watch.fd);
	else if (is_long)
		answer_long(newcomer->watch.fd);
	else
		answer_http(front, newcomer->watch.fd, name, newcomer->port);
	shutdown(newcomer->watch.fd, SHUT_WR);
	setsockopt(newcomer->watch.fd, SOL_SOCKET, SO_RCVLOWAT, &one, sizeof one);
	newcomer->watch.ready = departing_ready;
	timer_start(&front->newcomers, &newcomer->timer);
}

/* Waits for more than there is; false: there will be none. */
static bool wait_on(struct newcomer *newcomer, size_t seen)
{
	int more = (int)seen + 1;
	bool comes = seen > newcomer->seen && seen < LOOK_MAX;
	newcomer->seen = seen;
	timer_start(&newcomer->front->newcomers, &newcomer->timer);
	return comes && !setsockopt(newcomer->watch.fd, SOL_SOCKET, SO_RCVLOWAT, &more, sizeof more);
}

static void newcomer_ready(struct watch *watch, uint32_t events)
{
	struct newcomer *newcomer = OWNER(watch, struct newcomer, watch);
	uint8_t *bytes = newcomer->front->relay.scratch;
	struct host_name name;
	ssize_t got = recv(watch->fd, bytes, LOOK_MAX, MSG_PEEK | MSG_DONTWAIT);
	(void)events;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	int known = got > 0 ? tls_name(bytes, (size_t)got, &name) : -1;
	bool is_tls = known >= 0;
	if (got > 0 && !is_tls)
		known = http_host(bytes, (size_t)got, &name);
	const struct front_route *route = known == 1 ? routes_find(newcomer->front, &name, newcomer->port) : NULL;
	if (route)
		lead(newcomer, route);
	else if (known > 0)
		answer(newcomer, is_tls, known == HTTP_HEAD_LONG, &name);
	else if (known < 0 || !wait_on(newcomer, (size_t)got))
		dismiss(newcomer);
}

static void newcomer_expired(struct timer *timer)
{
	dismiss(OWNER(timer, struct newcomer, timer));
}

static void come(struct relay *relay, const struct relay_port *port, int client)
{
	struct front *front = FRONT_OF(relay);
	struct newcomer *newcomer = calloc(1, sizeof *newcomer);
	if (!newcomer) {
		close(client);
		return;
	}
	newcomer->front = front;
	newcomer->port = (uint16_t)(port->id >> 1);
	relay->connections++;
	watch_open(&newcomer->watch, client, newcomer_ready);
	timer_start(&front->newcomers, &newcomer->timer);
	if (!watch_want(&relay->loop, &newcomer->watch, EPOLLIN))
		dismiss(newcomer);
}

void newcomers_start(struct front *front)
{
	timers_init(&front->relay.loop, &front->newcomers, PATIENCE, newcomer_expired);
	front->relay.newcomer = come;
}
