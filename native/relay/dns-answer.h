/* Answers of our own. */
#ifndef TSCOMPOSE_RELAY_DNS_ANSWER_H
#define TSCOMPOSE_RELAY_DNS_ANSWER_H

#include "relay/dns-wire.h"
#include "relay/dns.h"

/* True: `reply` is the answer; false: the upstream servers must be asked. */
bool dns_answer(struct dns *dns, const struct query *query, size_t limit, struct reply *reply);

#endif
