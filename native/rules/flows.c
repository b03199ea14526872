/*
 * Ends flows that connection tracking remembers. A translation is chosen by a flow's first packet alone: whoever goes on sending is
 * led to where a port led then, for as long as he sends. The kernel removes flows one by one, so all are looked at.
 */
#include "rules/flows.h"
#include "core/buffer.h"
#include "core/protocol.h"
#include "core/sys.h"
#include "ops/netlink.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Of messages that remove: some hundred thousand flows. */
#define REMOVALS_MAX (32u * 1024 * 1024)

/* One match: src/native/flow-wire.ts has its form. */
struct match {
	uint8_t keeps, family, protocol, when;
	uint16_t first, last, shift;
	uint8_t host_bits, target_bits;
	uint8_t host[16], target[16];
};
_Static_assert(sizeof(struct match) == FLOW_MATCH_LENGTH, "without gaps");

struct side {
	uint8_t protocol;
	uint8_t source[16], destination[16];
	uint16_t source_port, destination_port;
};

struct tracked {
	uint8_t family;
	uint32_t status;
	struct side original, reply;
};

/* Netlink attributes one after the other. */
struct attributes {
	const uint8_t *at;
	size_t left;
};

/* The next attribute with its content; false at the end, or where one is cut short. */
static bool next_attribute(struct attributes *list, unsigned *type, struct attributes *content)
{
	struct nlattr head;
	if (list->left < sizeof head)
		return false;
	memcpy(&head, list->at, sizeof head);
	if (head.nla_len < sizeof head || head.nla_len > list->left)
		return false;
	*type = head.nla_type & (unsigned)NLA_TYPE_MASK;
	*content = (struct attributes){ list->at + sizeof head, head.nla_len - sizeof head };
	size_t step = (head.nla_len + NLA_ALIGNTO - 1u) & ~(size_t)(NLA_ALIGNTO - 1);
	step = step > list->left ? list->left : step;
	list->at += step;
	list->left -= step;
	return true;
}

static void read_bytes(void *to, size_t size, const struct attributes *content)
{
	memcpy(to, content->at, content->left < size ? content->left : size);
}

static void read_addresses(struct side *side, struct attributes list)
{
	unsigned type;
	struct attributes content;
	while (next_attribute(&list, &type, &content))
		if (type == CTA_IP_V4_SRC || type == CTA_IP_V6_SRC)
			read_bytes(side->source, sizeof side->source, &content);
		else if (type == CTA_IP_V4_DST || type == CTA_IP_V6_DST)
			read_bytes(side->destination, sizeof side->destination, &content);
}

static void read_ports(struct side *side, struct attributes list)
{
	unsigned type;
	struct attributes content;
	while (next_attribute(&list, &type, &content))
		if (type == CTA_PROTO_NUM)
			read_bytes(&side->protocol, sizeof side->protocol, &content);
		else if (type == CTA_PROTO_SRC_PORT)
			read_bytes(&side->source_port, sizeof side->source_port, &content);
		else if (type == CTA_PROTO_DST_PORT)
			read_bytes(&side->destination_port, sizeof side->destination_port, &content);
	side->source_port = ntohs(side->source_port);
	side->destination_port = ntohs(side->destination_port);
}

static void read_side(struct side *side, struct attributes list)
{
	unsigned type;
	struct attributes content;
	while (next_attribute(&list, &type, &content))
		if (type == CTA_TUPLE_IP)
			read_addresses(side, content);
		else if (type == CTA_TUPLE_PROTO)
			read_ports(side, content);
}

static void read_flow(struct tracked *flow, struct attributes list)
{
	unsigned type;
	struct attributes content;
	while (next_attribute(&list, &type, &content))
		if (type == CTA_TUPLE_ORIG)
			read_side(&flow->original, content);
		else if (type == CTA_TUPLE_REPLY)
			read_side(&flow->reply, content);
		else if (type == CTA_STATUS)
			read_bytes(&flow->status, sizeof flow->status, &content);
	flow->status = ntohl(flow->status);
}

static bool begins_alike(const uint8_t *one, const uint8_t *other, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;
	if (memcmp(one, other, whole))
		return false;
	return !rest || !((one[whole] ^ other[whole]) & (0xff00u >> rest) & 0xffu);
}

static bool is_about(const struct match *match, const struct tracked *flow)
{
	const struct side *original = &flow->original, *reply = &flow->reply;
	uint16_t port = original->destination_port;
	if (match->family != flow->family || (match->protocol && match->protocol != original->protocol))
		return false;
	if (port < match->first || port > match->last)
		return false;
	if ((match->when & FLOW_TRANSLATED) && !(flow->status & IPS_DST_NAT))
		return false;
	if ((match->when & FLOW_OF_CLIENT) && (flow->status & IPS_SRC_NAT))
		return false;
	if ((match->when & FLOW_SHIFTED) && (uint16_t)(reply->source_port - port) != match->shift)
		return false;
	const uint8_t *target = match->when & FLOW_FROM_TARGET ? original->source : reply->source;
	return begins_alike(match->host, original->destination, match->host_bits) &&
	       begins_alike(match->target, target, match->target_bits);
}

/* Those that keep come behind those that end. */
static bool is_dropped(const uint8_t *bytes, size_t length, const struct tracked *flow)
{
	bool dropped = false;
	for (size_t at = 0; at < length; at += sizeof(struct match)) {
		struct match match;
		memcpy(&match, bytes + at, sizeof match);
		if (match.keeps && !dropped)
			return false;
		if (match.keeps == dropped && is_about(&match, flow)) {
			if (match.keeps)
				return false;
			dropped = true;
		}
	}
	return dropped;
}

/*
 * The message that removes a flow: by the kernel's own words for it, and its id, as it may have made another since. By where answers come from, not by
 * whom the client asks: one that asks again from the same port may go elsewhere by now, and that flow has the memory, and so the id, of this one.
 */
static int add_removal(struct buffer *out, const struct nfgenmsg *family, struct attributes list)
{
	struct nlmsghdr head = {
		.nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
	};
	size_t start = out->length;
	int error = buffer_append(out, &head, sizeof head, REMOVALS_MAX);
	if (!error)
		error = buffer_append(out, family, sizeof *family, REMOVALS_MAX);
	unsigned type;
	struct attributes content;
	for (const uint8_t *at = list.at; !error && next_attribute(&list, &type, &content); at = list.at)
		if (type == CTA_TUPLE_REPLY || type == CTA_ID || type == CTA_ZONE)
			error = buffer_append(out, at, (size_t)(list.at - at), REMOVALS_MAX);
	if (!error) {
		head.nlmsg_len = (uint32_t)(out->length - start);
		memcpy(out->bytes + start, &head, sizeof head);
	}
	return error;
}

/* Which flows are looked for, and what removes those that were found. */
struct search {
	const uint8_t *matches;
	size_t length;
	struct buffer removals;
};

/* Looks at the flows of one datagram. */
static int look_at(void *owner, const uint8_t *bytes, size_t length)
{
	struct search *search = owner;
	int error = 0;
	for (size_t at = 0, step; !error && at < length; at += step) {
		struct nlmsghdr head;
		struct nfgenmsg family;
		if (!(step = netlink_message(bytes + at, length - at)))
			return -EPROTO;
		memcpy(&head, bytes + at, sizeof head);
		if (head.nlmsg_type < NLMSG_MIN_TYPE || head.nlmsg_len < NLMSG_HDRLEN + sizeof family)
			continue;
		const uint8_t *body = bytes + at + NLMSG_HDRLEN;
		memcpy(&family, body, sizeof family);
		struct attributes list = { body + sizeof family, head.nlmsg_len - NLMSG_HDRLEN - sizeof family };
		struct tracked flow = { .family = family.nfgen_family };
		read_flow(&flow, list);
		if (is_dropped(search->matches, search->length, &flow))
			error = add_removal(&search->removals, &family, list);
	}
	return error;
}

static int find_flows(struct search *search, int fd)
{
	struct {
		struct nlmsghdr head;
		struct nfgenmsg family;
	} request = { .head = { .nlmsg_len = sizeof request,
				.nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET,
				.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP } };
	const struct field bytes = { .data = (const uint8_t *)&request, .length = sizeof request };
	return netlink_dump(fd, &bytes, look_at, search);
}

int drop_flows(struct state *state, int fd, const uint8_t *bytes, size_t length)
{
	const uint8_t gone[] = { ENOENT, 0, 0, 0 };
	/* One that has ended by itself meanwhile. */
	const struct field ignored = { .data = gone, .length = sizeof gone, .count = 1 };
	struct search search = { .matches = bytes, .length = length };
	if (length % sizeof(struct match))
		return -EPROTO;
	int error = find_flows(&search, fd);
	if (!error)
		error = netlink_each(
			state, fd,
			&(struct field){ .data = search.removals.bytes, .length = (uint32_t)search.removals.length },
			&ignored);
	free(search.removals.bytes);
	return error;
}
