/*
 * Questions by UDP. A sent datagram is the most of what an answer costs, all of it in the kernel: those that came together are
 * received together, and what one asker is answered then goes through the kernel in one piece where its lengths allow that.
 */
#include "relay/dns-udp.h"

#include <linux/udp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "relay/dns-answer.h"
#include "relay/dns-forward.h"
#include "relay/dns-log.h"
#include "relay/dns-names.h"

/* Datagrams that one call receives, and how often it is made before others have their turn. */
#define DATAGRAMS_AT_ONCE 8
#define TURNS 4

/* Questions that came together, and from whom. */
struct datagrams {
	struct query queries[DATAGRAMS_AT_ONCE];
	struct sockaddr_storage clients[DATAGRAMS_AT_ONCE];
	struct mmsghdr messages[DATAGRAMS_AT_ONCE];
	struct iovec parts[DATAGRAMS_AT_ONCE];
};

/* Answers to one asker that are as long as each other, but for the last, which may be shorter: so the kernel parts them (UDP_SEGMENT). */
struct run {
	int fd;
	const struct sockaddr_storage *client;
	socklen_t client_length;
	size_t each, length;
	bool ended; /* by a shorter one */
	uint8_t bytes[DNS_REPLY_MAX];
};

static void send_one(int fd, const struct sockaddr_storage *client, socklen_t client_length, const uint8_t *bytes,
		     size_t length)
{
	/* A datagram that can't be sent now is lost; the client asks again. */
	(void)!sendto(fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT, (const struct sockaddr *)client, client_length);
}

/* False where the kernel cannot part them here (before 4.18; a link that sums nothing), or may not send them so. */
static bool send_parted(const struct run *run)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(uint16_t))];
	} control = { .head = { CMSG_LEN(sizeof(uint16_t)), IPPROTO_UDP, UDP_SEGMENT } };
	uint16_t each = (uint16_t)run->each;
	struct iovec body = { (void *)(uintptr_t)run->bytes, run->length };
	struct msghdr message = { .msg_name = (void *)(uintptr_t)run->client,
				  .msg_namelen = run->client_length,
				  .msg_iov = &body,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof control.bytes };

	memcpy(CMSG_DATA(&control.head), &each, sizeof each);
	return sendmsg(run->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0;
}

static void run_send(struct run *run)
{
	if (run->length <= run->each || !send_parted(run))
		for (size_t at = 0; at < run->length; at += run->each)
			send_one(run->fd, run->client, run->client_length, run->bytes + at,
				 run->length - at < run->each ? run->length - at : run->each);
	run->length = 0;
}

static bool is_same(const struct sockaddr_storage *a, const struct sockaddr_storage *b, socklen_t length)
{
	return memcmp(a, b, length) == 0;
}

static void run_add(struct run *run, const struct sockaddr_storage *client, socklen_t client_length,
		    const struct reply *reply)
{
	if (run->length && (run->ended || reply->length > run->each ||
			    reply->length > sizeof run->bytes - run->length || client_length != run->client_length ||
			    !is_same(client, run->client, client_length)))
		run_send(run);
	if (!run->length) {
		run->client = client;
		run->client_length = client_length;
		run->each = reply->length;
	}
	memcpy(run->bytes + run->length, reply->bytes, reply->length);
	run->length += reply->length;
	run->ended = reply->length < run->each;
}

static void answered(const struct asker *asker, const uint8_t *bytes, size_t length)
{
	send_one(asker->dns->udp.fd, &asker->client, asker->client_length, bytes, length);
}

static void answer(struct dns *dns, struct query *query, const struct sockaddr_storage *client, socklen_t length,
		   struct run *run)
{
	struct reply reply;
	int64_t began = log_time(dns);
	int result = query_parse(query);

	if (result < 0)
		return;
	if (result > 0) {
		reply_begin(&reply, query, DNS_REPLY_MAX);
		reply_end(&reply, query, (unsigned)result);
	} else if (!dns_answer(dns, query, query->udp_size, &reply)) {
		const struct asker asker = {
			.dns = dns, .client = *client, .client_length = length, .answered = answered
		};

		if (question_ask(&asker, query))
			return;
		reply_failure(&reply, query);
	} else {
		log_own_answer(dns, query, &reply, false, began);
	}
	run_add(run, client, length, &reply);
}

/* As many as are there; a negative number when none is. */
static int receive(int fd, struct datagrams *all)
{
	for (int i = 0; i < DATAGRAMS_AT_ONCE; i++) {
		all->parts[i] = (struct iovec){ all->queries[i].bytes, sizeof all->queries[i].bytes };
		all->messages[i] = (struct mmsghdr){ .msg_hdr = { .msg_name = &all->clients[i],
								  .msg_namelen = sizeof all->clients[i],
								  .msg_iov = &all->parts[i],
								  .msg_iovlen = 1 } };
	}
	return recvmmsg(fd, all->messages, DATAGRAMS_AT_ONCE, MSG_DONTWAIT, NULL);
}

/* Each asker's one after the other. */
static void answer_all(struct dns *dns, struct datagrams *all, int count)
{
	struct run run;

	run.fd = dns->udp.fd;
	run.length = 0;
	for (int first = 0; first < count; first++)
		for (int i = first; i < count; i++) {
			struct msghdr *head = &all->messages[i].msg_hdr;
			socklen_t length = head->msg_namelen;

			if (!length || length != all->messages[first].msg_hdr.msg_namelen ||
			    !is_same(&all->clients[i], &all->clients[first], length))
				continue;
			all->queries[i].length = all->messages[i].msg_len;
			if (!(head->msg_flags & MSG_TRUNC))
				answer(dns, &all->queries[i], &all->clients[i], length, &run);
			if (i > first)
				head->msg_namelen = 0; /* had its turn */
		}
	run_send(&run);
}

void dns_udp_ready(struct watch *watch, uint32_t events)
{
	struct dns *dns = OWNER(watch, struct dns, udp);
	int got = DATAGRAMS_AT_ONCE;

	(void)events;
	for (int turn = 0; turn < TURNS && got == DATAGRAMS_AT_ONCE; turn++) {
		struct datagrams all;

		got = receive(watch->fd, &all);
		/* One look for all: behind the arrival of each. */
		if (got > 0) {
			names_look(dns);
			answer_all(dns, &all, got);
		}
	}
}
