/* Ends connections by sock_diag(7), as `ss -K` does. Where the kernel was built without it (INET_DIAG_DESTROY) they end by their own timers. */
#include "rules/peers.h"
#include "core/state.h"
#include "core/sys.h"
#include "ops/netlink.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ENDINGS_MAX (4u * 1024 * 1024)
/* Those in which one may still wait for the other. */
#define STATES                                                                                            \
	(1u << TCP_ESTABLISHED | 1u << TCP_SYN_SENT | 1u << TCP_FIN_WAIT1 | 1u << TCP_FIN_WAIT2 | 1u << TCP_CLOSE_WAIT | \
	 1u << TCP_LAST_ACK | 1u << TCP_CLOSING)

struct peer {
	uint32_t family;
	uint8_t address[16];
};

struct diag_message {
	struct nlmsghdr head;
	struct inet_diag_req_v2 request;
};

/* A question for sockets whose other end is this one: the kernel goes by a program of one condition. */
struct peer_question {
	struct diag_message message;
	struct nlattr attribute;
	struct inet_diag_bc_op condition;
	struct inet_diag_hostcond host;
	uint8_t address[16];
};

static int add_ending(void *owner, const uint8_t *bytes, size_t length)
{
	struct buffer *endings = owner;
	int error = 0;
	for (size_t at = 0, step; !error && at < length; at += step) {
		struct nlmsghdr head;
		struct inet_diag_msg found;
		if (!(step = netlink_message(bytes + at, length - at)))
			return -EPROTO;
		memcpy(&head, bytes + at, sizeof head);
		if (head.nlmsg_type != SOCK_DIAG_BY_FAMILY || head.nlmsg_len < NLMSG_HDRLEN + sizeof found)
			continue;
		memcpy(&found, bytes + at + NLMSG_HDRLEN, sizeof found);
		struct diag_message ending = {
			.head = { .nlmsg_len = sizeof ending, .nlmsg_type = SOCK_DESTROY, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
			.request = { .sdiag_family = found.idiag_family, .sdiag_protocol = IPPROTO_TCP, .id = found.id },
		};
		error = buffer_append(endings, &ending, sizeof ending, ENDINGS_MAX);
	}
	return error;
}

/* Sockets of one family whose other end is the peer: those of IPv6 may lead to an address of IPv4. */
static int find_sockets(int fd, uint8_t family, const struct peer *peer, struct buffer *endings)
{
	size_t address = peer->family == AF_INET ? 4 : 16;
	size_t program = sizeof(struct inet_diag_bc_op) + sizeof(struct inet_diag_hostcond) + address;
	struct peer_question question = {
		.message.head = { .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.message.request = { .sdiag_family = family, .sdiag_protocol = IPPROTO_TCP, .idiag_states = STATES },
		.attribute = { .nla_len = (uint16_t)(sizeof(struct nlattr) + program), .nla_type = INET_DIAG_REQ_BYTECODE },
		/* To the end of the program is yes, beyond it no. */
		.condition = { .code = INET_DIAG_BC_D_COND, .yes = (unsigned char)program, .no = (unsigned short)(program + 4) },
		.host = { .family = (uint8_t)peer->family, .prefix_len = (uint8_t)(8 * address), .port = -1 },
	};
	memcpy(question.address, peer->address, address);
	question.message.head.nlmsg_len = (uint32_t)(sizeof question.message + sizeof question.attribute + program);
	return netlink_dump(
		fd, &(struct field){ .data = (const uint8_t *)&question, .length = question.message.head.nlmsg_len },
		add_ending, endings);
}

/* What a kernel says that cannot list sockets of TCP. */
static bool is_unknown(int error)
{
	return error == -EPROTONOSUPPORT || error == -ENOENT;
}

int end_peers(struct state *state, const uint8_t *bytes, size_t length)
{
	/* One that has ended meanwhile, and a kernel that ends none. */
	const int32_t passed[] = { ENOENT, EOPNOTSUPP };
	const struct field ignored = { .data = (const uint8_t *)passed, .length = sizeof passed, .count = 2 };
	struct buffer endings = { 0 };
	struct peer peer;
	int error = length % sizeof peer ? -EPROTO : 0;
	int fd = error ? error : netlink_open(false, NETLINK_SOCK_DIAG);
	if (fd < 0)
		return is_unknown(fd) ? 0 : fd;
	for (size_t at = 0; !error && at < length; at += sizeof peer) {
		memcpy(&peer, bytes + at, sizeof peer);
		if (peer.family == AF_INET)
			error = find_sockets(fd, AF_INET, &peer, &endings);
		if (!error)
			error = find_sockets(fd, AF_INET6, &peer, &endings);
	}
	if (!error)
		error = netlink_each(
			state, fd, &(struct field){ .data = endings.bytes, .length = (uint32_t)endings.length }, &ignored);
	free(endings.bytes);
	close(fd);
	return is_unknown(error) ? 0 : error;
}
