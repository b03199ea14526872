/*
 * Addresses that names were answered with become elements of sets in the container's network namespace, by which its egress rules let
 * them through until they have run out. The relay has no right to do that, and reads what strangers send: all that it can bring about is one more
 * address in a set of one table, and none that is the host's.
 */
#include "monitor/relay-lessons.h"
#include "core/buffer.h"
#include "core/sys.h"
#include "monitor/relay-life.h"
#include "ops/netlink.h"

#include <arpa/inet.h>
#include <endian.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Beyond the answer's own time: who got it a moment ago connects a moment later, or keeps it a little longer. */
#define EXTRA_SECONDS 30u
#define SECONDS_MAX (24u * 3600)
#define BATCH_MAX 65536

static size_t address_size(const struct relay_lesson *lesson)
{
	return lesson->family == AF_INET ? 4 : 16;
}

/* Whether the host has the address: no name opens what the host listens on. What is sent to one's own address comes from it. */
static bool is_hosts(const struct relay_lesson *lesson, const uint8_t *address)
{
	union {
		struct sockaddr head;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} to = { .head.sa_family = lesson->family }, from = { 0 };
	bool is4 = lesson->family == AF_INET;
	socklen_t length = is4 ? sizeof to.v4 : sizeof to.v6;
	if (is4)
		memcpy(&to.v4.sin_addr, address, sizeof to.v4.sin_addr);
	else
		memcpy(&to.v6.sin6_addr, address, sizeof to.v6.sin6_addr);
	to.v4.sin_port = htons(9); /* of both families in one place */
	int fd = socket(lesson->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	/* Of a family that the kernel has not got it has none; where it cannot be asked nothing is let through. */
	if (fd < 0)
		return errno != EAFNOSUPPORT;
	bool found = !connect(fd, &to.head, length) && !getsockname(fd, &from.head, &length) &&
		     (is4 ? !memcmp(&from.v4.sin_addr, address, 4) : !memcmp(&from.v6.sin6_addr, address, 16));
	close(fd);
	return found;
}

static int add(struct buffer *out, const void *bytes, size_t length)
{
	static const uint8_t zeroes[NLA_ALIGNTO];
	int error = buffer_append(out, bytes, length, BATCH_MAX);
	return error ? error : buffer_append(out, zeroes, -length % NLA_ALIGNTO, BATCH_MAX);
}

static int add_attribute(struct buffer *out, unsigned type, const void *bytes, size_t length)
{
	struct nlattr head = { (uint16_t)(sizeof head + length), (uint16_t)type };
	int error = add(out, &head, sizeof head);
	return error ? error : add(out, bytes, length);
}

/* An element with its key, and with a time where it has one. */
static int add_element(struct buffer *out, const uint8_t *address, size_t size, uint64_t milliseconds)
{
	struct buffer key = { 0 }, element = { 0 };
	uint64_t timeout = htobe64(milliseconds);
	int error = add_attribute(&key, NFTA_DATA_VALUE, address, size);
	if (!error)
		error = add_attribute(&element, NFTA_SET_ELEM_KEY | NLA_F_NESTED, key.bytes, key.length);
	if (!error && milliseconds)
		error = add_attribute(&element, NFTA_SET_ELEM_TIMEOUT, &timeout, sizeof timeout);
	if (!error)
		error = add_attribute(out, NFTA_LIST_ELEM | NLA_F_NESTED, element.bytes, element.length);
	free(key.bytes);
	free(element.bytes);
	return error;
}

/* A message of a batch with what follows its head. */
static int add_message(struct buffer *out, unsigned type, unsigned flags, unsigned family, const struct buffer *body)
{
	struct {
		struct nlmsghdr head;
		struct nfgenmsg family;
	} start = { { (uint32_t)(sizeof start + body->length), (uint16_t)type, (uint16_t)(NLM_F_REQUEST | flags), 0, 0 },
		    { (uint8_t)family, NFNETLINK_V0, family ? 0 : htons(NFNL_SUBSYS_NFTABLES) } };
	int error = add(out, &start, sizeof start);
	return error ? error : add(out, body->bytes, body->length);
}

/* Elements of the set are to come, for a while, or to go. */
static int add_change(struct buffer *out, const char *table, const struct relay_lesson *lesson, unsigned message,
		      unsigned flags, uint64_t milliseconds)
{
	struct buffer body = { 0 }, elements = { 0 };
	char set[RELAY_SET_MAX + 2];
	int length = snprintf(set, sizeof set, "%s/%c", lesson->set, lesson->family == AF_INET ? '4' : '6'), error = 0;
	for (int i = 0; i < lesson->count && !error; i++)
		error = add_element(&elements, lesson->addresses[i], address_size(lesson), milliseconds);
	if (!error)
		error = add_attribute(&body, NFTA_SET_ELEM_LIST_TABLE, table, strlen(table) + 1);
	if (!error)
		error = add_attribute(&body, NFTA_SET_ELEM_LIST_SET, set, (size_t)length + 1);
	if (!error)
		error = add_attribute(&body, NFTA_SET_ELEM_LIST_ELEMENTS | NLA_F_NESTED, elements.bytes, elements.length);
	if (!error)
		error = add_message(out, NFNL_SUBSYS_NFTABLES << 8 | message, flags, NFPROTO_INET, &body);
	free(elements.bytes);
	free(body.bytes);
	return error;
}

/* One transaction: an element that is there already is made anew, as kernels before 6.12 leave its time as it was. */
static int build(struct buffer *out, const char *table, const struct relay_lesson *lesson)
{
	static const struct buffer nothing;
	uint32_t seconds = lesson->seconds < SECONDS_MAX ? lesson->seconds : SECONDS_MAX;
	int error = add_message(out, NFNL_MSG_BATCH_BEGIN, 0, 0, &nothing);
	if (!error)
		error = add_change(out, table, lesson, NFT_MSG_NEWSETELEM, NLM_F_CREATE, 0);
	if (!error)
		error = add_change(out, table, lesson, NFT_MSG_DELSETELEM, 0, 0);
	if (!error)
		error = add_change(out, table, lesson, NFT_MSG_NEWSETELEM, NLM_F_CREATE | NLM_F_ACK,
				   (seconds + EXTRA_SECONDS) * 1000ull);
	return error ? error : add_message(out, NFNL_MSG_BATCH_END, 0, 0, &nothing);
}

/* What the kernel said of a transaction that failed, beyond the first error. */
static void forget_answers(int fd)
{
	char byte;
	while (recv(fd, &byte, sizeof byte, MSG_DONTWAIT) >= 0)
		;
}

static int transact(struct monitor *monitor, const struct relay_lesson *lesson)
{
	struct relay_process *relay = &monitor->relay;
	const struct field none = { 0 };
	struct buffer batch = { 0 };
	/* Kept: the kernel takes its time to close one by which something has changed. */
	if (relay->tables < 0)
		relay->tables = netlink_open(true, NETLINK_NETFILTER);
	int error = relay->tables < 0 ? relay->tables : build(&batch, relay->egress_table, lesson);
	if (!error) {
		forget_answers(relay->tables);
		error = netlink_transact(monitor->state, relay->tables,
					 &(struct field){ .data = batch.bytes, .length = (uint32_t)batch.length }, &none);
	}
	monitor->state->failure = (struct failure){ 0 };
	free(batch.bytes);
	return error;
}

/* Takes out the host's addresses; what is left is put into the set. */
static int learn(struct monitor *monitor, struct relay_lesson *lesson)
{
	int count = lesson->count;
	if (!*monitor->relay.egress_table || (lesson->family != AF_INET && lesson->family != AF_INET6) ||
	    count > RELAY_LESSON_ADDRESSES || !memchr(lesson->set, 0, sizeof lesson->set))
		return -EPROTO;
	lesson->count = 0;
	for (int i = 0; i < count; i++)
		if (!is_hosts(lesson, lesson->addresses[i]))
			memmove(lesson->addresses[lesson->count++], lesson->addresses[i], sizeof *lesson->addresses);
	return lesson->count ? transact(monitor, lesson) : 0;
}

int relay_hear(struct monitor *monitor)
{
	struct relay_lesson lesson = { 0 };
	ssize_t got = recv(monitor->relay.channel, &lesson, sizeof lesson, MSG_DONTWAIT);
	if (got < 0)
		return -errno;
	if (!got) {
		/* It can neither be told anything any more nor be waited for: its end would be heard of for ever. */
		sys_pidfd_send_signal(monitor->relay.pidfd, SIGKILL);
		return -EPIPE;
	}
	if ((size_t)got != sizeof lesson || lesson.word != RELAY_LESSON)
		return lesson.word;
	const struct relay_message told = {
		.word = RELAY_LEARNED,
		.flag = learn(monitor, &lesson) != 0,
		.lesson = lesson.id,
	};
	/* A relay that takes nothing fails its question by itself. */
	(void)relay_tell(&monitor->relay, &told, NULL, 0);
	return RELAY_LESSON;
}
