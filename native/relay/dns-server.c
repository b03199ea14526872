/* Where the container's questions come in by TCP, at 127.0.0.11 inside its own network namespace; by UDP: dns-udp.c. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "relay/dns-answer.h"
#include "relay/dns-forward.h"
#include "relay/dns-log.h"
#include "relay/dns-names.h"
#include "relay/dns-server.h"
#include "relay/dns-servers.h"
#include "relay/dns-sockets.h"
#include "relay/dns-udp.h"

#define UPSTREAM_TIMEOUT 2000
#define STREAM_TIMEOUT 10000
#define STREAMS_MAX 64
#define REST 200

/* A TCP connection of the container. One question at a time: the next is read when the answer has gone. */
struct dns_stream {
	struct grave grave; /* first: see loop_bury */
	struct dns *dns;
	struct watch watch;
	struct timer idle;
	struct question *question;
	uint8_t in[2 + DNS_QUERY_MAX];
	size_t received;
	uint8_t *out;
	size_t sent, length;
	bool answered; /* within question_ask, before it has returned */
};

static void stream_close(struct dns_stream *stream)
{
	struct dns *dns = stream->dns;

	timer_stop(&stream->idle);
	if (stream->question)
		question_forget(stream->question);
	watch_close(dns->loop, &stream->watch);
	free(stream->out);
	stream->out = NULL;
	dns->stream_count--;
	loop_bury(dns->loop, &stream->grave);
}

static void stream_expired(struct timer *timer)
{
	stream_close(OWNER(timer, struct dns_stream, idle));
}

static void stream_reply(struct dns_stream *stream, const uint8_t *bytes, size_t length)
{
	stream->question = NULL;
	stream->answered = true;
	free(stream->out);
	stream->out = malloc(2 + length);
	stream->sent = 0;
	stream->length = stream->out ? 2 + length : 0;
	if (stream->out) {
		write16(stream->out, (uint16_t)length);
		memcpy(stream->out + 2, bytes, length);
	}
	/* Without memory nothing is sent, and the idle timer ends the connection. */
	watch_want(stream->dns->loop, &stream->watch, stream->out ? EPOLLOUT : 0);
}

static void stream_answered(const struct asker *asker, const uint8_t *bytes, size_t length)
{
	stream_reply(asker->stream, bytes, length);
}

/* A whole question is in `in`. False: the stream must be closed. */
static bool stream_question(struct dns_stream *stream)
{
	size_t length = read16(stream->in);
	int64_t began = log_time(stream->dns);
	struct query query;
	struct reply reply;
	int result;

	memcpy(query.bytes, stream->in + 2, length);
	query.length = length;
	stream->received -= 2 + length;
	memmove(stream->in, stream->in + 2 + length, stream->received);
	result = query_parse(&query);
	if (result < 0)
		return false;
	names_look(stream->dns);
	watch_want(stream->dns->loop, &stream->watch, 0);
	if (result > 0) {
		reply_begin(&reply, &query, DNS_REPLY_MAX);
		reply_end(&reply, &query, (unsigned)result);
		stream_reply(stream, reply.bytes, reply.length);
	} else if (dns_answer(stream->dns, &query, DNS_REPLY_MAX, &reply)) {
		log_own_answer(stream->dns, &query, &reply, true, began);
		stream_reply(stream, reply.bytes, reply.length);
	} else {
		const struct asker asker = { .dns = stream->dns, .stream = stream, .answered = stream_answered };
		struct question *question;

		stream->answered = false;
		question = question_ask(&asker, &query);
		if (!question) {
			reply_failure(&reply, &query);
			stream_reply(stream, reply.bytes, reply.length);
		} else if (!stream->answered) {
			stream->question = question;
		}
	}
	return true;
}

/* True while a whole question has been received. */
static bool stream_is_full(const struct dns_stream *stream)
{
	return stream->received >= 2 && stream->received >= 2u + read16(stream->in);
}

static bool stream_receive(struct dns_stream *stream)
{
	ssize_t got = recv(stream->watch.fd, stream->in + stream->received, sizeof stream->in - stream->received, 0);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	if (got == 0)
		return false;
	stream->received += (size_t)got;
	timer_start(&stream->dns->streams, &stream->idle);
	if (stream->received >= 2 && read16(stream->in) > DNS_QUERY_MAX)
		return false;
	return !stream_is_full(stream) || stream_question(stream);
}

static bool stream_send(struct dns_stream *stream)
{
	ssize_t sent = send(stream->watch.fd, stream->out + stream->sent, stream->length - stream->sent, MSG_NOSIGNAL);

	if (sent < 0)
		return errno == EAGAIN || errno == EINTR;
	stream->sent += (size_t)sent;
	if (stream->sent < stream->length)
		return true;
	free(stream->out);
	stream->out = NULL;
	timer_start(&stream->dns->streams, &stream->idle);
	if (stream->received >= 2 && read16(stream->in) > DNS_QUERY_MAX)
		return false;
	if (stream_is_full(stream))
		return stream_question(stream);
	return watch_want(stream->dns->loop, &stream->watch, EPOLLIN);
}

static void stream_ready(struct watch *watch, uint32_t events)
{
	struct dns_stream *stream = OWNER(watch, struct dns_stream, watch);

	(void)events;
	if (!(stream->out ? stream_send(stream) : stream_receive(stream)))
		stream_close(stream);
}

static void rest_expired(struct timer *timer)
{
	struct dns *dns = OWNER(timer, struct dns, tcp_rest);

	watch_want(dns->loop, &dns->tcp, EPOLLIN);
}

static void tcp_ready(struct watch *watch, uint32_t events)
{
	struct dns *dns = OWNER(watch, struct dns, tcp);
	struct dns_stream *stream;
	int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
			watch_want(dns->loop, watch, 0);
			timer_start(&dns->rests, &dns->tcp_rest);
		}
		return;
	}
	/* The connection that was silent longest makes room. */
	if (dns->stream_count >= STREAMS_MAX && dns->streams.first)
		stream_expired(dns->streams.first);
	stream = calloc(1, sizeof *stream);
	if (!stream) {
		close(fd);
		return;
	}
	stream->dns = dns;
	watch_open(&stream->watch, fd, stream_ready);
	dns->stream_count++;
	timer_start(&dns->streams, &stream->idle);
	if (!watch_want(dns->loop, &stream->watch, EPOLLIN))
		stream_close(stream);
}

int dns_start(struct relay *relay)
{
	struct dns *dns = &relay->dns;
	const struct relay_config *config = relay->config;

	dns->loop = &relay->loop;
	dns->config = config;
	dns->asked = config;
	dns->udp.fd = -1;
	dns->tcp.fd = -1;
	servers_start(dns);
	if (sockets_start(dns))
		return -ENOMEM;
	timers_init(&relay->loop, &dns->questions, UPSTREAM_TIMEOUT, question_expired);
	timers_init(&relay->loop, &dns->lessons, UPSTREAM_TIMEOUT, lesson_expired);
	timers_init(&relay->loop, &dns->streams, STREAM_TIMEOUT, stream_expired);
	timers_init(&relay->loop, &dns->rests, REST, rest_expired);
	if (config->dns_udp >= 0)
		watch_open(&dns->udp, config->dns_udp, dns_udp_ready);
	if (config->dns_tcp >= 0)
		watch_open(&dns->tcp, config->dns_tcp, tcp_ready);
	return watch_want(&relay->loop, &dns->udp, EPOLLIN) && watch_want(&relay->loop, &dns->tcp, EPOLLIN) ? 0 : -errno;
}
