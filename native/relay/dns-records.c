/* Reads the answer section of what a server, or we ourselves, have answered (RFC 1035, 4.1.3). */
#include <sys/socket.h>

#include "relay/dns-records.h"
#include "relay/dns-wire.h"

#define CLASS_IN 1
#define RECORD_HEAD 10
#define POINTER 0xc0
#define LABEL_MAX 63

void records_begin(struct records *records, const uint8_t *bytes, size_t length, size_t question_end)
{
	bool whole = length >= DNS_HEADER && question_end <= length;

	*records = (struct records){ bytes, length, question_end, whole ? read16(bytes + 6) : 0 };
}

/* The offset behind a name, which may end in a pointer; 0 when it is malformed. */
static size_t skip_name(const struct records *records)
{
	size_t at = records->at;

	while (at < records->length) {
		uint8_t label = records->bytes[at];

		if (label >= POINTER)
			return at + 2;
		if (label > LABEL_MAX)
			return 0;
		at += 1u + label;
		if (!label)
			return at;
	}
	return 0;
}

bool records_next(struct records *records, struct dns_record *record)
{
	size_t at = records->left ? skip_name(records) : 0;
	const uint8_t *head = records->bytes + at;

	if (!at || records->length < RECORD_HEAD || at > records->length - RECORD_HEAD)
		return false;
	*record = (struct dns_record){
		.type = read16(head + 2) == CLASS_IN ? read16(head) : 0,
		.ttl = (uint32_t)read16(head + 4) << 16 | read16(head + 6),
		.data = head + RECORD_HEAD,
		.length = read16(head + 8),
	};
	if (record->length > records->length - RECORD_HEAD - at)
		return false;
	records->at = at + RECORD_HEAD + record->length;
	records->left--;
	return true;
}

int record_family(const struct dns_record *record)
{
	if (record->type == TYPE_A && record->length == 4)
		return AF_INET;
	return record->type == TYPE_AAAA && record->length == 16 ? AF_INET6 : 0;
}
