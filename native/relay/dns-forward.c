/*
 * Questions that go to an upstream server: each has a socket to itself (a random source port, and the kernel passes
 * only what comes from that server) and a random id. A server that is silent, refuses or fails gives way to the next.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "relay/dns-egress.h"
#include "relay/dns-forward.h"
#include "relay/dns-log.h"
#include "relay/dns-servers.h"
#include "relay/dns-sockets.h"

/* Questions on their way at once; only the container itself asks. */
#define QUESTIONS_MAX 128
/* Even a single server is asked twice: a datagram gets lost. */
#define TRIES_MIN 2
#define TRIES_MAX 4

struct question {
	struct grave grave; /* first: see loop_bury */
	struct dns *dns;
	struct watch server;
	struct timer timer;
	struct asker asker; /* what is asked by TCP is asked on by TCP */
	struct query query; /* as it came, with the client's id */
	size_t tries;
	struct sockaddr_storage asked; /* the server that was asked last */
	bool failed; /* nobody has answered */
	int64_t began; /* 0: nobody wants to know */
	uint32_t lesson; /* id of those that its answer waits for */
	int lessons; /* how many */
	/* what is sent, by TCP with its length in front, and the answer's length and bytes as they come */
	uint8_t out[2 + DNS_QUERY_MAX];
	size_t out_length; /* with these two */
	size_t sent;
	uint8_t in_length[2];
	uint8_t *in;
	size_t received;
	size_t in_size; /* of an answer that waits */
};

static void question_close(struct question *question)
{
	struct dns *dns = question->dns;

	timer_stop(&question->timer);
	socket_give(dns, &question->server);
	free(question->in);
	question->in = NULL;
	dns->question_count--;
	loop_bury(dns->loop, &question->grave);
}

void question_forget(struct question *question)
{
	question_close(question);
}

/* Ends the question with an answer that has the client's id. */
static void question_answer(struct question *question, const uint8_t *bytes, size_t length)
{
	if (question->began)
		log_answer(question->dns, &(struct answered){
						  .query = &question->query,
						  .stream = question->asker.stream,
						  .source = question->failed ? "silent" : "server",
						  .server = question->asked.ss_family ? &question->asked : NULL,
						  .began = question->began,
						  .bytes = bytes,
						  .length = length,
					  });
	question->asker.answered(&question->asker, bytes, length);
	question_close(question);
}

static void question_fail(struct question *question)
{
	struct reply reply;

	question->failed = true;
	reply_failure(&reply, &question->query);
	question_answer(question, reply.bytes, reply.length);
}

static size_t tries_max(const struct dns *dns)
{
	size_t count = dns->server_count;

	return count < TRIES_MIN ? TRIES_MIN : count > TRIES_MAX ? TRIES_MAX : count;
}

static socklen_t address_length(const struct sockaddr_storage *address)
{
	return address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

static void server_ready(struct watch *watch, uint32_t events);

/* Asks one server. False: it can't be asked at all. */
static bool question_send(struct question *question, const struct sockaddr_storage *server)
{
	struct loop *loop = question->dns->loop;
	int fd = socket_take(question->dns, server->ss_family, question->asker.stream ? SOCK_STREAM : SOCK_DGRAM);
	uint8_t *message = question->out + 2;

	if (fd < 0)
		return false;
	watch_open(&question->server, fd, server_ready);
	question->out_length = 2 + egress_question(question->dns, &question->query, message);
	write16(question->out, (uint16_t)(question->out_length - 2));
	if (getrandom(message, 2, 0) != 2)
		return false;
	if (connect(fd, (const struct sockaddr *)server, address_length(server)) < 0 && errno != EINPROGRESS)
		return false;
	if (question->asker.stream)
		return watch_want(loop, &question->server, EPOLLOUT);
	return send(fd, message, question->out_length - 2, MSG_NOSIGNAL) >= 0 &&
	       watch_want(loop, &question->server, EPOLLIN);
}

/* Goes on to the next server until one takes the question; fails it when there is none left. */
static void question_try(struct question *question)
{
	struct dns *dns = question->dns;

	if (question->tries)
		servers_refresh(dns);
	while (dns->server_count > 0 && question->tries < tries_max(dns)) {
		size_t index = question->tries++ % dns->server_count;

		socket_give(dns, &question->server);
		free(question->in);
		question->in = NULL;
		question->sent = 0;
		question->received = 0;
		timer_start(&dns->questions, &question->timer);
		question->asked = dns->servers[index];
		if (question_send(question, &question->asked))
			return;
	}
	question_fail(question);
}

void question_expired(struct timer *timer)
{
	question_try(OWNER(timer, struct question, timer));
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

/* An answer with our id to our very question; its letters may have changed case. */
static bool is_answer(const struct question *question, const uint8_t *bytes, size_t length)
{
	const struct query *query = &question->query;

	if (length < query->question_end || memcmp(bytes, question->out + 2, 2) != 0 || !(bytes[2] & 0x80) ||
	    read16(bytes + 4) != 1)
		return false;
	for (size_t i = DNS_HEADER; i < query->question_end; i++)
		if (lower(bytes[i]) != lower(query->bytes[i]))
			return false;
	return true;
}

/*
 * SERVFAIL, NOTIMP and REFUSED say that this server can't tell; another one may. The same is not asked again: it may be one
 * of the container's that asks us in its turn, and each round would double.
 */
static bool is_final(const struct question *question, const uint8_t *bytes)
{
	unsigned rcode = bytes[3] & 0x0f;

	return (rcode != 2 && rcode != 4 && rcode != 5) || question->tries >= question->dns->server_count ||
	       question->tries >= tries_max(question->dns);
}

/* Has the answer wait until the kernel lets its addresses through. False: that cannot be. */
static bool question_hold(struct question *question, const uint8_t *bytes, size_t length)
{
	struct dns *dns = question->dns;

	if (bytes != question->in) {
		free(question->in);
		question->in = malloc(length);
		if (!question->in)
			return false;
		memcpy(question->in, bytes, length);
	}
	question->in_size = length;
	socket_give(dns, &question->server);
	timer_start(&dns->lessons, &question->timer);
	return true;
}

/* Gives the answer to the client; `bytes` are changed. */
static void question_accept(struct question *question, uint8_t *bytes, size_t length)
{
	struct dns *dns = question->dns;

	if (!is_final(question, bytes)) {
		question_try(question);
		return;
	}
	/* Its id, and its name in the case that it was asked for in. */
	memcpy(bytes, question->query.bytes, 2);
	memcpy(bytes + DNS_HEADER, question->query.bytes + DNS_HEADER, question->query.question_end - DNS_HEADER);
	question->lesson = ++dns->last_lesson;
	question->lessons = egress_teach(dns, &question->query, question->lesson, bytes, length);
	if (question->lessons == 0)
		question_answer(question, bytes, length);
	else if (question->lessons < 0 || !question_hold(question, bytes, length))
		question_fail(question);
}

void question_learned(struct dns *dns, uint32_t lesson, bool failed)
{
	struct timer *timer = dns->lessons.first;

	while (timer && OWNER(timer, struct question, timer)->lesson != lesson)
		timer = timer->next;
	if (!timer)
		return;
	struct question *question = OWNER(timer, struct question, timer);

	if (failed)
		question_fail(question);
	else if (--question->lessons == 0)
		question_answer(question, question->in, question->in_size);
}

void lesson_expired(struct timer *timer)
{
	question_fail(OWNER(timer, struct question, timer));
}

static void udp_ready(struct question *question)
{
	uint8_t bytes[DNS_REPLY_MAX];
	ssize_t got = recv(question->server.fd, bytes, sizeof bytes, MSG_TRUNC);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got < 0) /* the server's machine says that nobody is there */
		question_try(question);
	else if ((size_t)got <= sizeof bytes && is_answer(question, bytes, (size_t)got))
		question_accept(question, bytes, (size_t)got);
	/* Anything else is not from our server, or too long to be wanted: go on waiting. */
}

/* Receives into a part of the message that is not full yet. Negative: the connection is of no use any more. */
static ssize_t receive(struct question *question, uint8_t *into, size_t room)
{
	ssize_t got = recv(question->server.fd, into, room, 0);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got <= 0)
		return -1;
	question->received += (size_t)got;
	return got;
}

static int tcp_receive(struct question *question)
{
	size_t length;

	if (question->received < 2)
		return receive(question, question->in_length + question->received, 2 - question->received) < 0 ? -1 : 0;
	length = read16(question->in_length);
	if (length < DNS_HEADER)
		return -1;
	if (!question->in)
		question->in = malloc(length);
	if (!question->in || receive(question, question->in + question->received - 2, length + 2 - question->received) < 0)
		return -1;
	if (question->received < length + 2)
		return 0;
	if (!is_answer(question, question->in, length))
		return -1;
	question_accept(question, question->in, length);
	return 0;
}

static int tcp_send(struct question *question)
{
	ssize_t sent = send(question->server.fd, question->out + question->sent, question->out_length - question->sent,
			    MSG_NOSIGNAL);

	if (sent < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	question->sent += (size_t)sent;
	if (question->sent == question->out_length && !watch_want(question->dns->loop, &question->server, EPOLLIN))
		return -1;
	return 0;
}

static void server_ready(struct watch *watch, uint32_t events)
{
	struct question *question = OWNER(watch, struct question, server);
	int result;

	(void)events;
	if (!question->asker.stream) {
		udp_ready(question);
		return;
	}
	result = question->sent < question->out_length ? tcp_send(question) : tcp_receive(question);
	if (result < 0)
		question_try(question);
}

struct question *question_ask(const struct asker *asker, const struct query *query)
{
	struct dns *dns = asker->dns;
	struct question *question;

	servers_refresh(dns);
	if (dns->server_count == 0 || dns->question_count >= QUESTIONS_MAX)
		return NULL;
	question = calloc(1, sizeof *question);
	if (!question)
		return NULL;
	question->dns = dns;
	question->server.fd = -1;
	question->asker = *asker;
	question->query = *query;
	question->began = log_time(dns);
	dns->question_count++;
	question_try(question);
	return question;
}
