/* Which names a container that is held to its egress may ask for outside, and where it may go by what they are answered with. */
#ifndef TSCOMPOSE_RELAY_DNS_EGRESS_H
#define TSCOMPOSE_RELAY_DNS_EGRESS_H

#include "relay/dns-wire.h"
#include "relay/dns.h"

/* Whether somebody outside may be asked; a name that is refused is remembered. */
bool egress_allows(struct dns *dns, const struct query *query);
/*
 * Has the addresses of an answer put where the container may go. How many lessons that is, each of which the monitor says is learned;
 * a negative errno where it cannot be told.
 */
int egress_teach(struct dns *dns, const struct query *query, uint32_t id, const uint8_t *bytes, size_t length);
/*
 * The question as somebody outside is asked it, without its id. Of a container that is held, nothing but what was read of it: what else could
 * stand in a question, or behind it, would be a way past its egress. At most DNS_QUERY_MAX bytes.
 */
size_t egress_question(const struct dns *dns, const struct query *query, uint8_t *out);
/* Writes the names that were refused within a day to a connection, a line `<unix µs> <count> <name>` each, and closes it. */
void refused_tell(struct dns *dns, int fd);

#endif
