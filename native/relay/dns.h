/*
 * DNS for one container: names of its networks are answered from the names files, all others are asked of the upstream
 * servers. The only client is the container itself, and nothing that it sends is trusted.
 */
#ifndef TSCOMPOSE_DNS_H
#define TSCOMPOSE_DNS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "relay/loop.h"

#define DNS_HEADER 12
/* The longest question taken; real ones have some dozen bytes. */
#define DNS_QUERY_MAX 4096
/* The longest answer of our own. */
#define DNS_REPLY_MAX 8192
/* A name as text with its NUL: 253 characters at most. */
#define DNS_NAME_MAX 256
#define DNS_ADDRESSES_MAX 256

enum { TYPE_A = 1, TYPE_PTR = 12, TYPE_AAAA = 28, TYPE_OPT = 41, TYPE_ANY = 255 };
enum { RCODE_OK = 0, RCODE_FORMAT = 1, RCODE_SERVER = 2, RCODE_NO_NAME = 3, RCODE_UNKNOWN = 4 };

/* A names file, read again when it has changed. */
struct names {
	int folder;
	char *text;
	size_t length;
	struct stat seen; /* of the file that `text` is of; st_ino 0: none */
};

struct dns {
	struct loop *loop;
	const struct relay_config *config;
	struct names *names; /* of our networks, most important first */
	size_t names_count;
	int internal; /* unknown names are never asked outside */
	struct watch channel; /* to the monitor, for other networks */
	struct watch udp, tcp;
	struct timers questions; /* on their way to an upstream server */
	struct timers streams; /* TCP connections of the container */
	struct timers rests; /* the TCP listener, when the kernel has no fd or memory left */
	struct timer tcp_rest;
	size_t question_count, stream_count;
	bool *taken; /* of the config's sockets */
	unsigned turn; /* counts answers, so that several addresses take turns in being the first */
};

/* dns-wire.c */
struct query {
	uint8_t bytes[DNS_QUERY_MAX];
	size_t length;
	size_t question_end; /* offset behind the one question */
	char name[DNS_NAME_MAX]; /* lower case, no dot at the end; empty when it is no text that we could know */
	uint16_t type, class;
	bool has_edns;
	size_t udp_size; /* what the client takes in a datagram */
};

struct reply {
	uint8_t bytes[DNS_REPLY_MAX];
	size_t length;
	size_t limit;
	unsigned answers;
	bool truncated;
};

/* Reads query->bytes. 0: well-formed; a positive rcode to answer with; negative: deserves no answer. */
int query_parse(struct query *query);
void reply_begin(struct reply *reply, const struct query *query, size_t limit);
void reply_add(struct reply *reply, uint16_t type, const void *data, size_t length);
void reply_end(struct reply *reply, const struct query *query, unsigned rcode);
/* Wire form of a name's text; 0 when it is none. */
size_t name_encode(const char *name, size_t length, uint8_t out[DNS_NAME_MAX]);
uint16_t read16(const uint8_t *bytes);
void write16(uint8_t *bytes, uint16_t value);

/* dns-names.c */
struct dns_address {
	int family;
	uint8_t bytes[16];
};

struct found {
	bool known; /* one of our networks has the name, running or not */
	size_t count;
	struct dns_address addresses[DNS_ADDRESSES_MAX];
};

void names_find(struct dns *dns, const char *name, struct found *found);
/* Name of an address, not NUL-terminated; NULL when no network has it. */
const char *names_reverse(struct dns *dns, const struct dns_address *address, size_t *length);

/* dns-answer.c. True: `reply` is the answer; false: the upstream servers must be asked. */
bool dns_answer(struct dns *dns, const struct query *query, size_t limit, struct reply *reply);

/* dns-forward.c: a question on its way. */
struct question;
struct stream;

/* Asks upstream on behalf of a UDP client (stream NULL) or a stream. NULL: it can't be asked now. */
struct question *question_ask(struct dns *dns, const struct query *query, const struct sockaddr_storage *client,
			      socklen_t client_length, struct stream *stream);
/* The stream that asked is gone. */
void question_forget(struct question *question);
void question_expired(struct timer *timer);

/*
 * dns-sockets.c: one to ask a server by, or -1; and back, when nobody waits for an answer any more. `sockets_start` comes
 * before the first.
 */
int sockets_start(struct dns *dns);
int socket_take(struct dns *dns, int family, int type);
void socket_give(struct dns *dns, struct watch *watch);

/* dns-server.c: where answers go. */
void udp_reply(struct dns *dns, const struct sockaddr_storage *client, socklen_t client_length, const uint8_t *bytes,
	       size_t length);
void stream_reply(struct stream *stream, const uint8_t *bytes, size_t length);
/* The answer "server failure" to a question. */
void reply_failure(struct reply *reply, const struct query *query);

#endif
