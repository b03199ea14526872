/*
 * Lines about questions, for who asked for them: `src/native/dns-line.ts` reads them. Fields parted by one blank:
 *
 *   <unix µs> <µs> <udp|tcp> <type> <rcode> <source> <server|-> <name> <address,…|->
 *
 * Nobody is waited for: what a reader has no room for is counted, and told by a line `lost <count>` when it has room again.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "relay/dns-log.h"
#include "relay/dns-records.h"

#define LINE_MAX_BYTES 4096
/* Addresses that a line has at most. */
#define ADDRESSES_MAX 16

/* A line that is being put together. */
struct line {
	char text[LINE_MAX_BYTES];
	size_t length;
};

static int64_t microseconds(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void logger_close(struct dns *dns, struct dns_logger *logger)
{
	watch_close(dns->loop, &logger->watch);
	dns->logger_count--;
}

/* A reader says nothing: what is heard of it is its end. */
static void logger_ready(struct watch *watch, uint32_t events)
{
	struct dns_logger *logger = OWNER(watch, struct dns_logger, watch);
	char byte;
	ssize_t got = recv(watch->fd, &byte, 1, MSG_DONTWAIT);

	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR) || events & (EPOLLHUP | EPOLLERR))
		logger_close(logger->dns, logger);
}

void log_add(struct dns *dns, int fd)
{
	for (size_t i = 0; i < DNS_LOGGERS_MAX; i++) {
		struct dns_logger *logger = &dns->loggers[i];

		if (logger->dns && logger->watch.fd >= 0)
			continue;
		*logger = (struct dns_logger){ .dns = dns };
		watch_open(&logger->watch, fd, logger_ready);
		dns->logger_count++;
		if (!watch_want(dns->loop, &logger->watch, EPOLLIN))
			logger_close(dns, logger);
		return;
	}
	close(fd);
}

int64_t log_time(const struct dns *dns)
{
	return dns->logger_count ? microseconds(CLOCK_MONOTONIC) : 0;
}

static void line_add(struct line *line, const char *text)
{
	size_t length = strlen(text);

	if (length >= sizeof line->text - line->length)
		return;
	memcpy(line->text + line->length, text, length);
	line->length += length;
}

/* The name as it was asked for; what is no letter of an ordinary one as \DDD (RFC 1035, 5.1). */
static void line_add_name(struct line *line, const struct query *query)
{
	size_t at = DNS_HEADER, end = query->question_end;
	char escaped[8];

	if (end <= DNS_HEADER + 5)
		line_add(line, end > DNS_HEADER ? "." : "-");
	while (end > DNS_HEADER + 5 && query->bytes[at]) {
		size_t label = query->bytes[at++];

		for (size_t i = 0; i < label; i++, at++) {
			uint8_t c = query->bytes[at];

			snprintf(escaped, sizeof escaped, c > ' ' && c < 127 && c != '.' && c != '\\' ? "%c" : "\\%03u", c);
			line_add(line, escaped);
		}
		line_add(line, query->bytes[at] ? "." : "");
	}
}

static void line_add_addresses(struct line *line, const struct answered *answered)
{
	char text[INET6_ADDRSTRLEN];
	struct dns_record record;
	struct records records;
	unsigned count = 0;

	records_begin(&records, answered->bytes, answered->length, answered->query->question_end);
	while (count < ADDRESSES_MAX && records_next(&records, &record)) {
		int family = record_family(&record);

		if (!family || !inet_ntop(family, record.data, text, sizeof text))
			continue;
		line_add(line, count++ ? "," : "");
		line_add(line, text);
	}
	line_add(line, count ? "\n" : "-\n");
}

static void line_add_server(struct line *line, const struct sockaddr_storage *server)
{
	char text[INET6_ADDRSTRLEN] = "-";

	if (server && server->ss_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)server)->sin_addr, text, sizeof text);
	else if (server)
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)server)->sin6_addr, text, sizeof text);
	line_add(line, text);
	line_add(line, " ");
}

/* Small enough for the kernel to take a line whole or not at all. False: there is no room, or nobody any more. */
static bool logger_send(const struct dns_logger *logger, const char *text, size_t length)
{
	return send(logger->watch.fd, text, length, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)length;
}

static void logger_tell(struct dns_logger *logger, const struct line *line)
{
	char lost[40];
	int length = snprintf(lost, sizeof lost, "lost %" PRIu64 "\n", logger->lost);

	if (logger->lost && !logger_send(logger, lost, (size_t)length)) {
		logger->lost++;
		return;
	}
	logger->lost = logger_send(logger, line->text, line->length) ? 0 : 1;
}

void log_answer(struct dns *dns, const struct answered *answered)
{
	struct line line = { .length = 0 };
	int64_t took = answered->began ? log_time(dns) - answered->began : 0;

	if (!dns->logger_count)
		return;
	line.length = (size_t)snprintf(line.text, sizeof line.text, "%" PRId64 " %" PRId64 " %s %u %u %s ",
				       microseconds(CLOCK_REALTIME), took, answered->stream ? "tcp" : "udp",
				       answered->query->type, answered->bytes[3] & 0x0fu, answered->source);
	line_add_server(&line, answered->server);
	line_add_name(&line, answered->query);
	line_add(&line, " ");
	line_add_addresses(&line, answered);
	for (size_t i = 0; i < DNS_LOGGERS_MAX; i++)
		if (dns->loggers[i].dns && dns->loggers[i].watch.fd >= 0)
			logger_tell(&dns->loggers[i], &line);
}

void log_own_answer(struct dns *dns, const struct query *query, const struct reply *reply, bool stream, int64_t began)
{
	if (dns->logger_count)
		log_answer(dns, &(struct answered){
					.query = query,
					.stream = stream,
					.source = reply->refused ? "refused" : reply->unknown ? "internal" : "names",
					.began = began,
					.bytes = reply->bytes,
					.length = reply->length,
				});
}
