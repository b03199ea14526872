/* The names that are ours. */
#ifndef TSCOMPOSE_RELAY_DNS_NAMES_H
#define TSCOMPOSE_RELAY_DNS_NAMES_H

#include "relay/dns.h"

#define DNS_ADDRESSES_MAX 256

struct dns_address {
	int family;
	uint8_t bytes[16];
};

struct found {
	bool known; /* one of our networks has the name, running or not */
	bool own; /* and what has it is of the reader's project, or is what the reader alone calls so */
	size_t count;
	struct dns_address addresses[DNS_ADDRESSES_MAX];
};

/* Reads what has changed of the names files: behind the arrival of a question, before it is answered. */
void names_look(struct dns *dns);
void names_find(struct dns *dns, const char *name, struct found *found);
/* Name of an address, not NUL-terminated; NULL when no network has it. */
const char *names_reverse(struct dns *dns, const struct dns_address *address, size_t *length);

#endif
