/* Lists of the kernel's, as a look asks for them: by one socket of each namespace, and with no more of each object than is wanted. */
#include "core/state.h"
#include "core/sys.h"
#include "ops/netlink.h"
#include "ops/operations.h"

#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>

#define DUMP_MAX (8u * 1024 * 1024)

/* A type is a byte in the path of an attribute, from the outside in. */
#define DEPTH_MAX 3

enum wanted { DROPPED, PARTLY, WHOLE };

/* With what fills it up. */
static size_t aligned(size_t length)
{
	return (length + 3) & ~(size_t)3;
}

/* Whether an attribute is wanted, or one in it. */
static enum wanted wants(const struct field *keep, uint32_t path, unsigned depth)
{
	uint32_t mask = (uint32_t)((1ull << 8 * (depth + 1)) - 1);
	enum wanted wanted = DROPPED;
	for (uint32_t i = 0; i < keep->count && wanted != WHOLE; i++) {
		uint32_t each = field_item(keep, i);
		if ((each & mask) == path)
			wanted = each == path ? WHOLE : PARTLY;
	}
	return wanted;
}

/* Moves what is kept of a row of attributes together, and gives its length. What is broken ends it. */
static size_t keep_attributes(uint8_t *at, size_t length, const struct field *keep, uint32_t above, unsigned depth)
{
	size_t kept = 0;
	for (size_t offset = 0, step; offset + sizeof(struct nlattr) <= length; offset += step) {
		struct nlattr head;
		memcpy(&head, at + offset, sizeof head);
		if (head.nla_len < sizeof head || head.nla_len > length - offset)
			break;
		step = aligned(head.nla_len);
		unsigned type = head.nla_type & (unsigned)NLA_TYPE_MASK;
		uint32_t path = above | (uint32_t)type << 8 * depth;
		enum wanted wanted = type > 0xff ? DROPPED : wants(keep, path, depth);
		size_t size = head.nla_len - sizeof head;
		if (wanted == PARTLY && depth + 1 < DEPTH_MAX)
			size = keep_attributes(at + offset + sizeof head, size, keep, path, depth + 1);
		if (wanted == DROPPED)
			continue;
		head.nla_len = (uint16_t)(sizeof head + size);
		memmove(at + kept + sizeof head, at + offset + sizeof head, size);
		memcpy(at + kept, &head, sizeof head);
		size_t end = kept + head.nla_len;
		kept += aligned(head.nla_len);
		/* The last one of a row need not be filled up. */
		if (kept > length)
			return end;
		memset(at + end, 0, kept - end);
	}
	return kept;
}

/* The same of the objects in a datagram, each of which begins with a struct of `head` bytes. */
static size_t keep_of_objects(uint8_t *bytes, size_t length, size_t head, const struct field *keep)
{
	size_t kept = 0;
	for (size_t offset = 0, step; offset < length && (step = netlink_message(bytes + offset, length - offset)); offset += step) {
		struct nlmsghdr message;
		memcpy(&message, bytes + offset, sizeof message);
		size_t size = message.nlmsg_len - NLMSG_HDRLEN;
		memmove(bytes + kept + NLMSG_HDRLEN, bytes + offset + NLMSG_HDRLEN, size);
		if (message.nlmsg_type >= NLMSG_MIN_TYPE && size >= head)
			size = head + keep_attributes(bytes + kept + NLMSG_HDRLEN + head, size - head, keep, 0, 0);
		message.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + size);
		memcpy(bytes + kept, &message, sizeof message);
		kept += aligned(message.nlmsg_len);
		if (kept > length)
			return length;
	}
	return kept;
}

struct kept_list {
	struct buffer out;
	const struct field *f;
};

static int add(void *owner, const uint8_t *bytes, size_t length)
{
	struct kept_list *list = owner;
	const struct field *keep = &list->f[NETLINK_DUMP_KEEP];
	size_t before = list->out.length;
	int error = buffer_append(&list->out, bytes, length, DUMP_MAX);
	if (!error && keep->count)
		list->out.length = before + keep_of_objects(list->out.bytes + before, length,
							       (size_t)list->f[NETLINK_DUMP_HEAD].number, keep);
	return error;
}

int op_netlink_dump(struct state *state, const struct field *f)
{
	unsigned protocol = (unsigned)f[NETLINK_DUMP_PROTOCOL].number;
	bool container = f[NETLINK_DUMP_NETNS].number == 1;
	int *fd = &state->dumps[container][protocol];
	struct kept_list list = { { 0 }, f };
	if (*fd < 0 && (*fd = netlink_socket(container, netlink_protocols[protocol])) < 0)
		return *fd;
	int error = netlink_dump(*fd, &f[NETLINK_DUMP_BYTES], add, &list);
	if (!error)
		error = add_result(state, list.out.bytes, list.out.length);
	free(list.out.bytes);
	/* The rest of an answer would be taken for the next one's. */
	if (error) {
		close(*fd);
		*fd = -1;
	}
	return error;
}
