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
/* Of one question: an attribute of netlink is shorter than 64 KiB. */
#define PEERS_MAX 1024u
#define PROGRAM_LENGTH_MAX (PEERS_MAX * 32)
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

/* One condition of the program by which the kernel chooses sockets: the other end is this peer. */
struct condition {
	struct inet_diag_bc_op op;
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

static size_t length_of(const struct peer *peer)
{
	return peer->family == AF_INET ? 4 : 16;
}

static size_t condition_length(const struct peer *peer)
{
	return sizeof(struct inet_diag_bc_op) + sizeof(struct inet_diag_hostcond) + length_of(peer);
}

/* The program: where an end is this peer's, from here to its own end, which is yes; where not, to the next condition, and behind the last beyond the end, which is no. */
static int add_condition(struct buffer *program, const struct peer *peer, size_t total)
{
	size_t length = condition_length(peer);
	struct inet_diag_bc_op leap = { .code = INET_DIAG_BC_JMP, .yes = sizeof leap };
	struct condition condition = {
		.op = { .code = INET_DIAG_BC_D_COND, .yes = (unsigned char)length, .no = (unsigned short)(length + sizeof leap) },
		.host = { .family = (uint8_t)peer->family, .prefix_len = (uint8_t)(8 * length_of(peer)), .port = -1 },
	};
	memcpy(condition.address, peer->address, length_of(peer));
	int error = buffer_append(program, &condition, length, PROGRAM_LENGTH_MAX);
	if (error || program->length == total)
		return error;
	leap.no = (unsigned short)(total - program->length);
	return buffer_append(program, &leap, sizeof leap, PROGRAM_LENGTH_MAX);
}

/* Sockets of one family: those of IPv6 may lead to an address of IPv4. */
static bool may_lead(uint8_t family, const struct peer *peer)
{
	return family == AF_INET6 || peer->family == AF_INET;
}

static int make_program(struct buffer *program, uint8_t family, const struct peer *peers, size_t count)
{
	size_t total = 0;
	int error = 0;
	for (size_t i = 0; i < count; i++)
		if (may_lead(family, &peers[i]))
			total += condition_length(&peers[i]) + (total ? sizeof(struct inet_diag_bc_op) : 0);
	for (size_t i = 0; i < count && !error; i++)
		if (may_lead(family, &peers[i]))
			error = add_condition(program, &peers[i], total);
	return error;
}

/* Sockets of one family whose other end is one of the peers. All of the machine are looked at for a question, so there is one for many peers. */
static int find_sockets(int fd, uint8_t family, const struct peer *peers, size_t count, struct buffer *endings)
{
	struct buffer program = { 0 }, question = { 0 };
	struct diag_message message = {
		.head = { .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.request = { .sdiag_family = family, .sdiag_protocol = IPPROTO_TCP, .idiag_states = STATES },
	};
	struct nlattr attribute = { .nla_type = INET_DIAG_REQ_BYTECODE };
	int error = make_program(&program, family, peers, count);
	attribute.nla_len = (uint16_t)(sizeof attribute + program.length);
	message.head.nlmsg_len = (uint32_t)(sizeof message + attribute.nla_len);
	if (!error)
		error = buffer_append(&question, &message, sizeof message, ENDINGS_MAX);
	if (!error)
		error = buffer_append(&question, &attribute, sizeof attribute, ENDINGS_MAX);
	if (!error)
		error = buffer_append(&question, program.bytes, program.length, ENDINGS_MAX);
	/* Without a condition it would be all sockets. */
	if (!error && program.length)
		error = netlink_dump(fd, &(struct field){ .data = question.bytes, .length = (uint32_t)question.length }, add_ending, endings);
	free(program.bytes);
	free(question.bytes);
	return error;
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
	struct peer peers[PEERS_MAX];
	int error = length % sizeof *peers ? -EPROTO : 0;
	int fd = error ? error : netlink_open(false, NETLINK_SOCK_DIAG);
	if (fd < 0)
		return is_unknown(fd) ? 0 : fd;
	for (size_t at = 0, part; !error && at < length; at += part) {
		part = length - at < sizeof peers ? length - at : sizeof peers;
		memcpy(peers, bytes + at, part);
		error = find_sockets(fd, AF_INET, peers, part / sizeof *peers, &endings);
		if (!error)
			error = find_sockets(fd, AF_INET6, peers, part / sizeof *peers, &endings);
	}
	if (!error)
		error = netlink_each(
			state, fd, &(struct field){ .data = endings.bytes, .length = (uint32_t)endings.length }, &ignored);
	free(endings.bytes);
	close(fd);
	return is_unknown(error) ? 0 : error;
}
