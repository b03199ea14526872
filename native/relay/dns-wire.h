/* Messages of DNS: questions read, answers made. */
#ifndef TSCOMPOSE_RELAY_DNS_WIRE_H
#define TSCOMPOSE_RELAY_DNS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNS_HEADER 12
/* The longest question taken; real ones have some dozen bytes. */
#define DNS_QUERY_MAX 4096
/* The longest answer of our own. */
#define DNS_REPLY_MAX 8192
/* A name as text with its NUL: 253 characters at most. */
#define DNS_NAME_MAX 256

enum { TYPE_A = 1, TYPE_PTR = 12, TYPE_AAAA = 28, TYPE_OPT = 41, TYPE_ANY = 255 };
enum { RCODE_OK = 0, RCODE_FORMAT = 1, RCODE_SERVER = 2, RCODE_NO_NAME = 3, RCODE_UNKNOWN = 4 };

struct query {
	uint8_t bytes[DNS_QUERY_MAX];
	size_t length;
	size_t question_end; /* offset behind the one question */
	char name[DNS_NAME_MAX]; /* lower case, no dot at the end; empty when it is no text that we could know */
	uint16_t type, class;
	bool has_edns;
	bool wants_proofs; /* records of DNSSEC */
	size_t udp_size; /* what the client takes in a datagram */
};

struct reply {
	uint8_t bytes[DNS_REPLY_MAX];
	size_t length;
	size_t limit;
	unsigned answers;
	bool truncated;
	bool unknown; /* a name that nobody here knows, and nobody outside is asked for */
	bool refused; /* one that the container may not ask for */
};

/* Reads query->bytes. 0: well-formed; a positive rcode to answer with; negative: deserves no answer. */
int query_parse(struct query *query);
/* Makes a well-formed question anew of what was read, its name in lower case, with id 0; the length. */
size_t query_encode(const struct query *query, uint8_t out[DNS_QUERY_MAX]);
void reply_begin(struct reply *reply, const struct query *query, size_t limit);
void reply_add(struct reply *reply, uint16_t type, const void *data, size_t length);
void reply_end(struct reply *reply, const struct query *query, unsigned rcode);
/* The answer "server failure" to a question. */
void reply_failure(struct reply *reply, const struct query *query);
/* Wire form of a name's text; 0 when it is none. */
size_t name_encode(const char *name, size_t length, uint8_t out[DNS_NAME_MAX]);
uint16_t read16(const uint8_t *bytes);
void write16(uint8_t *bytes, uint16_t value);

#endif
