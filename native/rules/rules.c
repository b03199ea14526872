/*
 * Keeps one socket of nf_tables for its engine: executes the transactions and lists that it is asked for, one after the other, ends the
 * flows that a change was about, attaches programs of BPF, and tells it which tables others have changed. A socket that is closed after a change waits for the kernel's clearing away, some
 * 20 ms; this one is not closed. It has no state that matters: who has lost it starts another and looks at everything.
 */
#include "rules/rules.h"
#include "rules/attach.h"
#include "rules/flows.h"
#include "rules/peers.h"
#include "core/io.h"
#include "core/protocol.h"
#include "core/sys.h"
#include "ops/netlink.h"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define DATAGRAM_MAX 65536
/* Rules of thousands of ports are one transaction. */
#define REQUEST_MAX (16u * 1024 * 1024)
/* What a result is: of a list, or the place of something that another has changed; an empty one when that is not known. */
enum { RESULT_LIST, RESULT_CHANGED, RESULT_STIRRED };

struct rules {
	struct state *state;
	int socket;
	struct attached attached;
	int changes; /* where the kernel tells of all changes */
	int stirs[2]; /* and of those of links, addresses and routes, and of tables, in all namespaces that it knows; -1: nobody asked */
	uint32_t ours; /* by which it names the sender of our own */
	uint8_t last[NFT_NAME_MAXLEN + 8]; /* the place that was told last */
	size_t last_length;
};

static int listen_to_changes(void)
{
	int group = NFNLGRP_NFTABLES, size = (int)REQUEST_MAX;
	int fd = netlink_open(false, NETLINK_NETFILTER);
	if (fd >= 0 && setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group)) {
		int error = -errno;
		close(fd);
		return error;
	}
	/* A restart of another firewall is some thousand messages. */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
	return fd;
}

static int join_groups(int fd, const int *groups, size_t count)
{
	int one = 1, size = (int)REQUEST_MAX;
	/* A namespace is known to us from when a pair leads there. */
	if (setsockopt(fd, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, &one, sizeof one))
		return -errno;
	for (size_t i = 0; i < count; i++)
		if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[i], sizeof groups[i]))
			return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
	return 0;
}

static int listen_to_stirs(struct rules *rules)
{
	static const int routes[] = { RTNLGRP_LINK,	   RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE,
				      RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE,	  RTNLGRP_IPV6_RULE };
	static const int tables[] = { NFNLGRP_NFTABLES };
	int error = 0;
	if (rules->stirs[0] < 0 && (rules->stirs[0] = netlink_open(false, NETLINK_ROUTE)) >= 0)
		error = join_groups(rules->stirs[0], routes, sizeof routes / sizeof *routes);
	if (!error && rules->stirs[1] < 0 && (rules->stirs[1] = netlink_open(false, NETLINK_NETFILTER)) >= 0)
		error = join_groups(rules->stirs[1], tables, 1);
	for (int i = 0; i < 2 && !error; i++)
		error = rules->stirs[i] < 0 ? rules->stirs[i] : 0;
	return error;
}

static int open_sockets(struct rules *rules)
{
	struct sockaddr_nl address;
	socklen_t length = sizeof address;
	if ((rules->changes = listen_to_changes()) < 0)
		return rules->changes;
	if ((rules->socket = netlink_open(false, NETLINK_NETFILTER)) < 0)
		return rules->socket;
	if (getsockname(rules->socket, (struct sockaddr *)&address, &length))
		return -errno;
	rules->ours = address.nl_pid;
	return 0;
}

/* The reply of what was noted since the one before. */
static int reply(struct state *state)
{
	int error = send_reply(state, REPLY_FD, -1);
	state->failure = (struct failure){ 0 };
	state->results.length = 0;
	state->result_count = 0;
	return error;
}

/* What the kernel said of a transaction that failed, beyond the first error. */
static void forget_answers(int fd)
{
	char byte;
	while (recv(fd, &byte, sizeof byte, MSG_DONTWAIT) >= 0)
		;
}

static int execute(struct rules *rules, uint32_t kind, const struct field *bytes)
{
	const struct field nothing = { 0 };
	struct state *state = rules->state;
	state->current.index = RESULT_LIST;
	forget_answers(rules->socket);
	int error = kind == RULES_LIST	? netlink_list(state, rules->socket, bytes) :
		    kind == RULES_WATCH ? listen_to_stirs(rules) :
		    kind == RULES_FLOWS ? drop_flows(state, rules->socket, bytes->data, bytes->length) :
		    kind == RULES_PEERS ? end_peers(state, bytes->data, bytes->length) :
		    kind == RULES_ATTACH ? attach_programs(state, &rules->attached, bytes->data, bytes->length) :
					  netlink_transact(state, rules->socket, bytes, &nothing);
	if (error < 0)
		fail(state, error, NULL);
	return reply(state);
}

/* One request {u32 what is wanted, u32 length, bytes}. */
static int serve_one(struct rules *rules)
{
	uint32_t head[2];
	int error = read_all(PROGRAM_FD, head, sizeof head);
	if (error)
		return error;
	if ((head[0] != RULES_WATCH && head[1] < NLMSG_HDRLEN) || head[1] > REQUEST_MAX)
		return -EPROTO;
	uint8_t *bytes = malloc(head[1] + 1);
	if (!bytes)
		return -ENOMEM;
	error = read_all(PROGRAM_FD, bytes, head[1]);
	if (!error)
		error = execute(rules, head[0], &(struct field){ .data = bytes, .length = head[1] });
	free(bytes);
	return error;
}

/* Family and first attribute of a message, which is the table's name: the place of what has changed. Told once in a row. */
static void note_change(struct rules *rules, const struct nlmsghdr *head, const uint8_t *body, size_t length)
{
	struct nlattr name;
	if (head->nlmsg_pid == rules->ours || (head->nlmsg_type & 0xff) == NFT_MSG_NEWGEN)
		return;
	if (length < sizeof(struct nfgenmsg) + sizeof name)
		return;
	memcpy(&name, body + sizeof(struct nfgenmsg), sizeof name);
	size_t wanted = sizeof(struct nfgenmsg) + name.nla_len;
	if (name.nla_len < sizeof name || wanted > length || wanted > sizeof rules->last)
		return;
	if (wanted == rules->last_length && !memcmp(rules->last, body, wanted))
		return;
	memcpy(rules->last, body, wanted);
	rules->last_length = wanted;
	add_result(rules->state, body, wanted);
}

static void note_changes(struct rules *rules, const uint8_t *bytes, size_t length)
{
	struct nlmsghdr head;
	for (size_t at = 0; at + NLMSG_HDRLEN <= length; at += NLMSG_ALIGN((size_t)head.nlmsg_len)) {
		memcpy(&head, bytes + at, sizeof head);
		if (head.nlmsg_len < NLMSG_HDRLEN || head.nlmsg_len > length - at)
			return;
		note_change(rules, &head, bytes + at + NLMSG_HDRLEN, head.nlmsg_len - NLMSG_HDRLEN);
	}
}

/* Takes all that is there, and tells of it in one reply. */
static int hear(struct rules *rules)
{
	uint8_t bytes[DATAGRAM_MAX];
	struct state *state = rules->state;
	rules->last_length = 0;
	state->current.index = RESULT_CHANGED;
	for (;;) {
		ssize_t count = recv(rules->changes, bytes, sizeof bytes, MSG_DONTWAIT);
		if (count >= 0)
			note_changes(rules, bytes, (size_t)count);
		else if (errno == ENOBUFS)
			add_result(state, bytes, 0);
		else if (errno != EINTR)
			break;
	}
	return state->result_count || state->failure.error ? reply(state) : 0;
}

/* Something has stirred, whatever it was: who looks sees. */
static int feel(struct rules *rules, int fd)
{
	forget_answers(fd);
	rules->state->current.index = RESULT_STIRRED;
	int error = add_result(rules->state, "", 1);
	return error ? error : reply(rules->state);
}

static int serve(struct rules *rules)
{
	int error = 0;
	while (!error) {
		struct pollfd polls[] = { { PROGRAM_FD, POLLIN, 0 },
					  { rules->changes, POLLIN, 0 },
					  { rules->stirs[0], POLLIN, 0 },
					  { rules->stirs[1], POLLIN, 0 } };
		if (poll(polls, 4, -1) < 0) {
			error = errno == EINTR ? 0 : -errno;
			continue;
		}
		if (polls[1].revents)
			error = hear(rules);
		for (int i = 2; i < 4 && !error; i++)
			if (polls[i].revents)
				error = feel(rules, polls[i].fd);
		if (!error && polls[0].revents)
			error = serve_one(rules);
	}
	return error;
}

int rules_mode(struct state *state)
{
	struct rules rules = { .state = state, .socket = -1, .changes = -1, .stirs = { -1, -1 } };
	int error = read_program(state, PROGRAM_FD);
	if (!error)
		error = open_sockets(&rules);
	if (error)
		fail(state, error, "nf_tables");
	if (!reply(state) && !error)
		error = serve(&rules);
	if (rules.changes >= 0)
		close(rules.changes);
	if (rules.socket >= 0)
		close(rules.socket);
	return error ? 1 : 0;
}
