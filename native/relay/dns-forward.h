/* Questions on their way to an upstream server. */
#ifndef TSCOMPOSE_RELAY_DNS_FORWARD_H
#define TSCOMPOSE_RELAY_DNS_FORWARD_H

#include "relay/dns-wire.h"
#include "relay/dns.h"

struct question;

/* Who is told the answer: by `answered`, once, and then the question is gone. */
struct asker {
	struct dns *dns;
	struct dns_stream *stream; /* by TCP; NULL: by UDP, as `client` */
	struct sockaddr_storage client;
	socklen_t client_length;
	void (*answered)(const struct asker *asker, const uint8_t *bytes, size_t length);
};

/* Asks upstream. NULL: it can't be asked now. It may be answered before this returns. */
struct question *question_ask(const struct asker *asker, const struct query *query);
/* Who asked is gone. */
void question_forget(struct question *question);
/* The server that was asked last is silent. */
void question_expired(struct timer *timer);
/* The kernel has the addresses of a lesson, or will not have them: an answer may be waiting for that. */
void question_learned(struct dns *dns, uint32_t lesson, bool failed);
/* Nobody has said so. */
void lesson_expired(struct timer *timer);

#endif
