/* Answers out of our own knowledge. A name of ours is never asked outside, whatever type is asked for. */
#include <string.h>

#include "relay/dns-answer.h"
#include "relay/dns-egress.h"
#include "relay/dns-names.h"

#define IPV4_SUFFIX ".in-addr.arpa"
#define IPV6_SUFFIX ".ip6.arpa"

static void add_addresses(struct dns *dns, const struct query *query, const struct found *found, struct reply *reply)
{
	unsigned first = dns->turn++;

	for (size_t i = 0; i < found->count; i++) {
		const struct dns_address *address = &found->addresses[(first + i) % found->count];
		bool ipv4 = address->family == AF_INET;
		uint16_t type = ipv4 ? TYPE_A : TYPE_AAAA;

		if (query->type == type || query->type == TYPE_ANY)
			reply_add(reply, type, address->bytes, ipv4 ? 4 : 16);
	}
}

/* "localhost" and all below it are the asker himself (RFC 6761, 6.3): no server may say otherwise. */
static bool is_localhost(const char *name)
{
	static const char local[] = "localhost";
	size_t length = strlen(name), tail = sizeof local - 1;

	return length >= tail && strcmp(name + length - tail, local) == 0 &&
	       (length == tail || name[length - tail - 1] == '.');
}

static void find_localhost(struct found *found)
{
	found->addresses[0] = (struct dns_address){ AF_INET, { 127, 0, 0, 1 } };
	found->addresses[1] = (struct dns_address){ AF_INET6, { [15] = 1 } };
	found->count = 2;
}

/* "5.0.18.172" of a reverse name -> 172.18.0.5. `text` ends where the suffix begins. */
static bool parse_reverse4(const char *text, const char *end, struct dns_address *address)
{
	address->family = AF_INET;
	for (int i = 3; i >= 0; i--) {
		unsigned value = 0, digits = 0;

		for (; text < end && *text >= '0' && *text <= '9' && digits < 3; text++, digits++)
			value = value * 10 + (unsigned)(*text - '0');
		if (digits == 0 || value > 255 || (i > 0 && (text >= end || *text != '.')))
			return false;
		address->bytes[i] = (uint8_t)value;
		if (i > 0)
			text++;
	}
	return text == end;
}

static int nibble(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* 32 nibbles with dots between them, the lowest first. */
static bool parse_reverse6(const char *text, const char *end, struct dns_address *address)
{
	address->family = AF_INET6;
	if (end - text != 63)
		return false;
	for (int i = 0; i < 32; i++) {
		int value = nibble(text[2 * i]);

		if (value < 0 || (i < 31 && text[2 * i + 1] != '.'))
			return false;
		address->bytes[15 - i / 2] |= (uint8_t)(i % 2 ? value << 4 : value);
	}
	return true;
}

static bool parse_reverse(const char *name, struct dns_address *address)
{
	size_t length = strlen(name);
	size_t four = strlen(IPV4_SUFFIX), six = strlen(IPV6_SUFFIX);

	memset(address, 0, sizeof *address);
	if (length > four && strcmp(name + length - four, IPV4_SUFFIX) == 0)
		return parse_reverse4(name, name + length - four, address);
	if (length > six && strcmp(name + length - six, IPV6_SUFFIX) == 0)
		return parse_reverse6(name, name + length - six, address);
	return false;
}

static bool answer_reverse(struct dns *dns, const struct query *query, struct reply *reply)
{
	struct dns_address address;
	uint8_t wire[DNS_NAME_MAX];
	const char *name;
	size_t length = 0;

	if (query->type != TYPE_PTR || !parse_reverse(query->name, &address))
		return false;
	name = names_reverse(dns, &address, &length);
	if (!name)
		return false;
	length = name_encode(name, length, wire);
	if (length == 0)
		return false;
	reply_add(reply, TYPE_PTR, wire, length);
	reply_end(reply, query, RCODE_OK);
	return true;
}

bool dns_answer(struct dns *dns, const struct query *query, size_t limit, struct reply *reply)
{
	struct found found; /* five kilobytes: not set to zero for each question */

	found.known = found.own = false;
	found.count = 0;
	reply_begin(reply, query, limit);
	if (query->name[0])
		names_find(dns, query->name, &found);
	if (!found.known && is_localhost(query->name))
		find_localhost(&found);
	if (found.count > 0) {
		add_addresses(dns, query, &found, reply);
		reply_end(reply, query, RCODE_OK);
		return true;
	}
	if (answer_reverse(dns, query, reply))
		return true;
	if (!found.known && (!dns->internal || dns->asked->socket_count)) {
		reply->refused = !egress_allows(dns, query);
		if (!reply->refused)
			return false;
	}
	reply->unknown = !found.known;
	/*
	 * A name of the reader's project, or a link of his, is there and has no address now; a stopped container's, or any from outside asked from an internal
	 * network, is not. Nor is one that may not be asked for: REFUSED would be truer, but musl waits for another answer then, for seconds.
	 */
	reply_end(reply, query, found.own ? RCODE_OK : RCODE_NO_NAME);
	return true;
}
