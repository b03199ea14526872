/* The wire format of DNS (RFC 1035, EDNS of RFC 6891): only what a resolver's questions need. */
#include <string.h>

#include "relay/dns-wire.h"

/* Answers may be asked again at once: addresses change when a container is made anew. */
#define TTL 2
#define CLASS_IN 1
#define CLASS_ANY 255
#define RECURSION_DESIRED 0x01 /* of the third byte */
#define LABEL_MAX 63
#define WIRE_NAME_MAX 255
#define UDP_SIZE_MIN 512
#define UDP_SIZE_MAX 4096
/* What passes everywhere in one piece. */
#define UDP_SIZE_SAFE 1232
#define OPT_SIZE 11
#define OPT_PROOFS 0x80
/* Why there is no answer, for who shows it (RFC 8914): "Blocked". */
#define OPT_REASON 15
#define OPT_REASON_SIZE 6
#define BLOCKED 15

uint16_t read16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

void write16(uint8_t *bytes, uint16_t value)
{
	bytes[0] = (uint8_t)(value >> 8);
	bytes[1] = (uint8_t)value;
}

/* What may stand in a names file; anything else is a name that we can't know. */
static bool is_plain(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

/* Reads the question's name. Returns the offset behind it, 0 when it is malformed. A question has no compression. */
static size_t parse_name(struct query *query)
{
	size_t at = DNS_HEADER, out = 0;
	bool plain = true;

	for (;;) {
		size_t label;

		if (at >= query->length || at - DNS_HEADER >= WIRE_NAME_MAX)
			return 0;
		label = query->bytes[at++];
		if (label == 0)
			break;
		if (label > LABEL_MAX || label > query->length - at || out + label + 1 >= DNS_NAME_MAX)
			return 0;
		if (out)
			query->name[out++] = '.';
		for (size_t i = 0; i < label; i++) {
			uint8_t c = lower(query->bytes[at + i]);

			plain = plain && is_plain(c);
			query->name[out++] = (char)c;
		}
		at += label;
	}
	query->name[plain ? out : 0] = '\0';
	return at;
}

/* The OPT record tells how much the client takes. It stands right behind the question in what resolvers send. */
static void parse_edns(struct query *query)
{
	const uint8_t *opt = query->bytes + query->question_end;

	query->udp_size = UDP_SIZE_MIN;
	query->has_edns = read16(query->bytes + 10) > 0 && query->length - query->question_end >= OPT_SIZE &&
			  opt[0] == 0 && read16(opt + 1) == TYPE_OPT;
	if (!query->has_edns)
		return;
	query->wants_proofs = opt[7] & OPT_PROOFS;
	query->udp_size = read16(opt + 3);
	if (query->udp_size < UDP_SIZE_MIN)
		query->udp_size = UDP_SIZE_MIN;
	if (query->udp_size > UDP_SIZE_MAX)
		query->udp_size = UDP_SIZE_MAX;
}

int query_parse(struct query *query)
{
	const uint8_t *bytes = query->bytes;

	query->name[0] = '\0';
	query->question_end = DNS_HEADER;
	query->has_edns = query->wants_proofs = false;
	query->udp_size = UDP_SIZE_MIN;
	if (query->length < DNS_HEADER || bytes[2] & 0x80) /* an answer is not a question */
		return -1;
	if (bytes[2] & 0x78) /* opcode: only plain queries */
		return RCODE_UNKNOWN;
	if (read16(bytes + 4) != 1 || read16(bytes + 6) != 0 || read16(bytes + 8) != 0)
		return RCODE_FORMAT;
	size_t end = parse_name(query);
	if (end == 0 || query->length - end < 4) {
		query->name[0] = '\0';
		return RCODE_FORMAT;
	}
	query->type = read16(bytes + end);
	query->class = read16(bytes + end + 2);
	query->question_end = end + 4;
	if (query->class != CLASS_IN && query->class != CLASS_ANY)
		query->name[0] = '\0';
	parse_edns(query);
	return 0;
}

/* An OPT record that says no more than how much we take. */
static void put_opt(uint8_t *at, uint16_t udp_size)
{
	memset(at, 0, OPT_SIZE);
	write16(at + 1, TYPE_OPT);
	write16(at + 3, udp_size);
}

size_t query_encode(const struct query *query, uint8_t out[DNS_QUERY_MAX])
{
	size_t length = query->question_end, name_end = length - 4;

	memset(out, 0, DNS_HEADER);
	out[2] = RECURSION_DESIRED;
	out[5] = 1; /* one question */
	memcpy(out + name_end, query->bytes + name_end, length - name_end);
	/* Lengths of labels are no letters. */
	for (size_t at = DNS_HEADER; at < name_end; at++)
		out[at] = lower(query->bytes[at]);
	if (query->udp_size < UDP_SIZE_SAFE)
		return length;
	out[11] = 1; /* one record: OPT */
	put_opt(out + length, UDP_SIZE_SAFE);
	out[length + 7] = query->wants_proofs ? OPT_PROOFS : 0;
	return length + OPT_SIZE;
}

void reply_begin(struct reply *reply, const struct query *query, size_t limit)
{
	reply->limit = limit < sizeof reply->bytes ? limit : sizeof reply->bytes;
	reply->length = query->question_end;
	reply->answers = 0;
	reply->truncated = false;
	reply->unknown = reply->refused = false;
	memcpy(reply->bytes, query->bytes, query->question_end);
}

void reply_add(struct reply *reply, uint16_t type, const void *data, size_t length)
{
	uint8_t *at = reply->bytes + reply->length;

	if (reply->truncated || reply->length + 12 + length + OPT_SIZE > reply->limit) {
		reply->truncated = true;
		return;
	}
	write16(at, 0xc000 | DNS_HEADER); /* the question's name */
	write16(at + 2, type);
	write16(at + 4, CLASS_IN);
	write16(at + 6, 0);
	write16(at + 8, TTL);
	write16(at + 10, (uint16_t)length);
	memcpy(at + 12, data, length);
	reply->length += 12 + length;
	reply->answers++;
}

void reply_end(struct reply *reply, const struct query *query, unsigned rcode)
{
	uint8_t *bytes = reply->bytes;
	bool has_question = query->question_end > DNS_HEADER;

	/* answer, authoritative, truncated, recursion desired as asked; recursion available, rcode */
	bytes[2] = (uint8_t)(0x84 | (reply->truncated ? 0x02 : 0) | (bytes[2] & 0x79));
	bytes[3] = (uint8_t)(0x80 | (rcode & 0x0f));
	write16(bytes + 4, has_question ? 1 : 0);
	write16(bytes + 6, (uint16_t)reply->answers);
	write16(bytes + 8, 0);
	write16(bytes + 10, query->has_edns ? 1 : 0);
	if (!query->has_edns)
		return;
	put_opt(bytes + reply->length, UDP_SIZE_MAX);
	reply->length += OPT_SIZE;
	if (!reply->refused || reply->length + OPT_REASON_SIZE > reply->limit)
		return;
	write16(bytes + reply->length - 2, OPT_REASON_SIZE);
	write16(bytes + reply->length, OPT_REASON);
	write16(bytes + reply->length + 2, 2);
	write16(bytes + reply->length + 4, BLOCKED);
	reply->length += OPT_REASON_SIZE;
}

void reply_failure(struct reply *reply, const struct query *query)
{
	reply_begin(reply, query, DNS_REPLY_MAX);
	reply_end(reply, query, RCODE_SERVER);
}

size_t name_encode(const char *name, size_t length, uint8_t out[DNS_NAME_MAX])
{
	size_t label = 0; /* offset of the length byte of the label at hand */

	if (length == 0 || length > WIRE_NAME_MAX - 2)
		return 0;
	for (size_t i = 0; i <= length; i++) {
		if (i < length && name[i] != '.') {
			out[i + 1] = (uint8_t)name[i];
			continue;
		}
		if (i == label || i - label > LABEL_MAX)
			return 0;
		out[label] = (uint8_t)(i - label);
		label = i + 1;
	}
	out[length + 1] = 0;
	return length + 2;
}
