/* The log of questions, for as long as somebody reads it. */
#ifndef TSCOMPOSE_RELAY_DNS_LOG_H
#define TSCOMPOSE_RELAY_DNS_LOG_H

#include "relay/dns-wire.h"
#include "relay/dns.h"

/* A question that has been answered. */
struct answered {
	const struct query *query;
	bool stream;
	const char *source; /* one word: who knew */
	const struct sockaddr_storage *server; /* the one that was asked last; NULL: none was */
	int64_t began; /* as `log_time` told it */
	const uint8_t *bytes;
	size_t length;
};

/* Takes over a connection that lines are written to; it is closed where there are too many. */
void log_add(struct dns *dns, int fd);
/* Microseconds of a clock that nobody can set; 0 while nobody reads. */
int64_t log_time(const struct dns *dns);
/* A line to all who read. */
void log_answer(struct dns *dns, const struct answered *answered);
/* The same of what was answered here, without a question to anybody. */
void log_own_answer(struct dns *dns, const struct query *query, const struct reply *reply, bool stream, int64_t began);

#endif
