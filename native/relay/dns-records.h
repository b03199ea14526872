/* The records of an answer. */
#ifndef TSCOMPOSE_RELAY_DNS_RECORDS_H
#define TSCOMPOSE_RELAY_DNS_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a reader of an answer is. */
struct records {
	const uint8_t *bytes;
	size_t length;
	size_t at;
	unsigned left;
};

struct dns_record {
	uint16_t type;
	uint32_t ttl; /* seconds */
	const uint8_t *data;
	size_t length;
};

/* Begins to read an answer to one question, which ends at an offset. */
void records_begin(struct records *records, const uint8_t *bytes, size_t length, size_t question_end);
/* The next record of its answer section; false at the end, and where it is malformed. */
bool records_next(struct records *records, struct dns_record *record);
/* AF_INET or AF_INET6 where the record is an address, 0 where it is none. */
int record_family(const struct dns_record *record);

#endif
