/* Sends netlink bytes that TypeScript compiled. What they mean is not known here. */
#include "core/io.h"
#include "core/state.h"
#include "core/sys.h"
#include "ops/netlink.h"
#include "ops/namespaces.h"
#include "ops/operations.h"

#include <linux/netlink.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define ANSWER_MAX 65536
#define DUMP_MAX (8u * 1024 * 1024)
/* The protocols of the field `protocol`, in order. */
const unsigned netlink_protocols[NETLINK_PROTOCOLS] = { NETLINK_ROUTE, NETLINK_NETFILTER, NETLINK_SOCK_DIAG };

int netlink_socket(bool container, unsigned protocol)
{
	int error = container ? netns_enter(CONTAINER_NETNS) : 0;
	if (error)
		return error;
	int fd = (int)sys_result(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, (int)protocol));
	error = container ? netns_enter(HOST_NETNS) : 0;
	if (error && fd >= 0)
		close(fd);
	return error ? error : fd;
}

/* Only words for the reader; old kernels do without. */
static void ask_for_words(int fd)
{
	int one = 1;
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof one);
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof one);
}

int netlink_open(bool container, unsigned protocol)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	int fd = netlink_socket(container, protocol);
	if (fd < 0)
		return fd;
	if (bind(fd, (struct sockaddr *)&address, sizeof address)) {
		int error = -errno;
		close(fd);
		return error;
	}
	ask_for_words(fd);
	return fd;
}

size_t netlink_message(const uint8_t *at, size_t left)
{
	uint32_t length = 0;
	if (left >= NLMSG_HDRLEN)
		memcpy(&length, at, sizeof length);
	if (length < NLMSG_HDRLEN || length > left)
		return 0;
	size_t aligned = NLMSG_ALIGN((size_t)length);
	return aligned > left ? left : aligned;
}

/* The kernel's sentence in an extended ack, which follows the error and the copied head. */
static void note_words(struct state *state, const uint8_t *answer, size_t length, int error)
{
	size_t at = NLMSG_HDRLEN + sizeof(struct nlmsgerr);
	while (at + sizeof(struct nlattr) <= length) {
		struct nlattr attribute;
		memcpy(&attribute, answer + at, sizeof attribute);
		if (attribute.nla_len < sizeof attribute || attribute.nla_len > length - at)
			return;
		bool has_text = attribute.nla_len > sizeof attribute && answer[at + attribute.nla_len - 1] == 0;
		if (has_text && (attribute.nla_type & NLA_TYPE_MASK) == NLMSGERR_ATTR_MSG)
			fail(state, error, (const char *)answer + at + sizeof attribute);
		at += (attribute.nla_len + NLA_ALIGNTO - 1u) & ~(size_t)(NLA_ALIGNTO - 1);
	}
}

/* Receives one answer of at most ANSWER_MAX bytes, whatever signals come. Its length, or a negative errno. */
static ssize_t receive(int fd, uint8_t *answer)
{
	ssize_t count;
	while ((count = recv(fd, answer, ANSWER_MAX, 0)) < 0 && errno == EINTR)
		;
	return sys_result(count);
}

/* Waits for one ack. 0, 1 when it carries an error that is ignored, or the negative errno that it carries. */
static int await_ack(struct state *state, int fd, const struct field *ignore)
{
	uint8_t answer[ANSWER_MAX];
	for (;;) {
		ssize_t count = receive(fd, answer);
		if (count < 0)
			return (int)count;
		struct nlmsghdr head;
		struct nlmsgerr ack;
		if ((size_t)count < sizeof head + sizeof ack.error)
			return -EPROTO;
		memcpy(&head, answer, sizeof head);
		if (head.nlmsg_type != NLMSG_ERROR)
			continue;
		memcpy(&ack.error, answer + NLMSG_HDRLEN, sizeof ack.error);
		if (!ack.error)
			return 0;
		if (field_has(ignore, -ack.error))
			return 1;
		if (head.nlmsg_flags & NLM_F_ACK_TLVS)
			note_words(state, answer, (size_t)count, ack.error);
		return ack.error;
	}
}

static bool wants_ack(const uint8_t *message)
{
	struct nlmsghdr head;
	memcpy(&head, message, sizeof head);
	return head.nlmsg_flags & NLM_F_ACK;
}

int netlink_each(struct state *state, int fd, const struct field *bytes, const struct field *ignore)
{
	for (size_t offset = 0, length; offset < bytes->length; offset += length) {
		const uint8_t *message = bytes->data + offset;
		length = netlink_message(message, bytes->length - offset);
		if (!length)
			return -EPROTO;
		if (send(fd, message, length, 0) != (ssize_t)length)
			return -errno;
		int error = wants_ack(message) ? await_ack(state, fd, ignore) : 0;
		if (error < 0)
			return error;
	}
	return 0;
}

/* All in one piece, however large: the kernel takes none that is larger than the socket's buffer, and none is that large by itself. */
static int send_whole(int fd, const struct field *bytes)
{
	int size = (int)bytes->length;
	ssize_t sent = send(fd, bytes->data, bytes->length, 0);
	if (sent < 0 && errno == EMSGSIZE && !setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size))
		sent = send(fd, bytes->data, bytes->length, 0);
	return sent == (ssize_t)bytes->length ? 0 : -errno;
}

/* A netfilter batch is one transaction: sent whole, then its acks are read. One error ends it, an ignored one, too. */
int netlink_transact(struct state *state, int fd, const struct field *bytes, const struct field *ignore)
{
	int sent = send_whole(fd, bytes);
	if (sent)
		return sent;
	for (size_t offset = 0, length; offset < bytes->length; offset += length) {
		length = netlink_message(bytes->data + offset, bytes->length - offset);
		if (!length)
			return -EPROTO;
		int error = wants_ack(bytes->data + offset) ? await_ack(state, fd, ignore) : 0;
		if (error)
			return error < 0 ? error : 0;
	}
	return 0;
}

/* One for all operations of a stage, which have read all that it was answered; -errno. */
static int talk(struct state *state, bool container, unsigned protocol)
{
	int *fd = &state->talks[container][protocol];
	if (*fd >= 0)
		return *fd;
	if ((*fd = netlink_socket(container, netlink_protocols[protocol])) >= 0)
		ask_for_words(*fd);
	return *fd;
}

/* What is in the way is removed when it is met: to look for it each time takes the lock of all links of the machine. */
static int send_route(struct state *state, int fd, const struct field *f)
{
	int error = netlink_each(state, fd, &f[NETLINK_BYTES], &f[NETLINK_IGNORE]);
	if (error != -EEXIST || !f[NETLINK_STALE].length)
		return error;
	const struct failure met = state->failure;
	state->failure = (struct failure){ 0 };
	if (netlink_each(state, fd, &f[NETLINK_STALE], &f[NETLINK_IGNORE])) {
		state->failure = met;
		return error;
	}
	return netlink_each(state, fd, &f[NETLINK_BYTES], &f[NETLINK_IGNORE]);
}

int op_netlink(struct state *state, const struct field *f)
{
	unsigned protocol = (unsigned)f[NETLINK_PROTOCOL].number;
	bool container = f[NETLINK_NETNS].number == 1;
	int fd = talk(state, container, protocol);
	if (fd < 0)
		return fd;
	if (!protocol)
		return send_route(state, fd, f);
	int error = netlink_transact(state, fd, &f[NETLINK_BYTES], &f[NETLINK_IGNORE]);
	/* A transaction that fails, and may, leaves answers that nobody has read. */
	if (f[NETLINK_IGNORE].count)
		close_fds(state->talks[container], NETLINK_PROTOCOLS);
	return error;
}

/*
 * Looks for the end of a dump in one datagram: 1 done, 0 more to come, or its error. Which socket it came to is taken out of it: the same
 * answer is the same bytes each time.
 */
static int dump_ended(uint8_t *bytes, size_t length)
{
	for (size_t offset = 0, step; offset < length; offset += step) {
		struct nlmsghdr head;
		int error = 0;
		if (!(step = netlink_message(bytes + offset, length - offset)))
			return -EPROTO;
		memcpy(&head, bytes + offset, sizeof head);
		memset(bytes + offset + offsetof(struct nlmsghdr, nlmsg_pid), 0, sizeof head.nlmsg_pid);
		if (head.nlmsg_type == NLMSG_ERROR && step >= NLMSG_HDRLEN + sizeof error) {
			memcpy(&error, bytes + offset + NLMSG_HDRLEN, sizeof error);
			return error ? error : 1;
		}
		if (head.nlmsg_type == NLMSG_DONE || !(head.nlmsg_flags & NLM_F_MULTI))
			return 1;
	}
	return 0;
}

#define PAIR 2

/* The end of a list comes in a datagram of its own, which is there once the one before was taken: both are taken at once. How many came, or a negative errno. */
static int receive_pair(int fd, uint8_t answers[PAIR][ANSWER_MAX], struct mmsghdr messages[PAIR])
{
	struct iovec places[PAIR];
	int count;
	memset(messages, 0, PAIR * sizeof *messages);
	for (int i = 0; i < PAIR; i++) {
		places[i] = (struct iovec){ answers[i], ANSWER_MAX };
		messages[i].msg_hdr.msg_iov = &places[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	while ((count = recvmmsg(fd, messages, PAIR, MSG_WAITFORONE, NULL)) < 0 && errno == EINTR)
		;
	return (int)sys_result(count);
}

int netlink_dump(int fd, const struct field *bytes, int (*take)(void *, const uint8_t *, size_t), void *owner)
{
	uint8_t answers[PAIR][ANSWER_MAX];
	struct mmsghdr messages[PAIR];
	int ended = send(fd, bytes->data, bytes->length, 0) == (ssize_t)bytes->length ? 0 : -errno;
	while (!ended) {
		int count = receive_pair(fd, answers, messages);
		ended = count < 0 ? count : 0;
		for (int i = 0; i < count && !ended; i++) {
			size_t length = messages[i].msg_len;
			ended = dump_ended(answers[i], length);
			ended = ended < 0 ? ended : take(owner, answers[i], length) ?: ended;
		}
	}
	return ended < 0 ? ended : 0;
}

static int keep(void *out, const uint8_t *bytes, size_t length)
{
	return buffer_append(out, bytes, length, DUMP_MAX);
}

int netlink_list(struct state *state, int fd, const struct field *bytes)
{
	struct buffer out = { 0 };
	int error = netlink_dump(fd, bytes, keep, &out);
	if (!error)
		error = add_result(state, out.bytes, out.length);
	free(out.bytes);
	return error;
}
