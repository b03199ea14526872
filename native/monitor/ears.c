#include "monitor/ears.h"
#include "core/sys.h"
#include "ops/namespaces.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

void ears_close(struct ears *ears)
{
	for (; ears->count; ears->count--)
		close(ears->sockets[ears->count - 1]);
	if (ears->any >= 0)
		close(ears->any);
	ears->any = -1;
}

static int set_filter(int fd, const uint8_t *filter, size_t length)
{
	struct sock_fprog program = { (unsigned short)(length / sizeof(struct sock_filter)), (struct sock_filter *)(uintptr_t)filter };
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) ? -errno : 0;
}

/* Bound to its interface, what others send costs nothing; what the container sends is not looked at. */
static int open_ear(unsigned interface, const uint8_t *filter, size_t length)
{
	const struct sockaddr_ll place = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)interface,
	};
	int one = 1, fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	int error = set_filter(fd, filter, length);
	if (!error && (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one) ||
		       bind(fd, (const struct sockaddr *)&place, sizeof place)))
		error = -errno;
	if (error)
		close(fd);
	return error ? error : fd;
}

/* One for each interface but loopback, in the namespace that we are in now. */
static int open_here(struct ears *ears, const uint8_t *filter, size_t length)
{
	struct if_nameindex *all = if_nameindex();
	int error = all ? 0 : -errno;
	for (struct if_nameindex *each = all; !error && each->if_index; each++) {
		if (!strcmp(each->if_name, "lo"))
			continue;
		int fd = ears->count < EARS_MAX ? open_ear(each->if_index, filter, length) : -EMFILE;
		if (fd < 0) {
			error = fd;
			break;
		}
		ears->sockets[ears->count++] = fd;
		struct epoll_event event = { .events = EPOLLIN };
		if (epoll_ctl(ears->any, EPOLL_CTL_ADD, fd, &event))
			error = -errno;
	}
	if (all)
		if_freenameindex(all);
	return error;
}

int ears_open(struct ears *ears, const uint8_t *filter, size_t length)
{
	ears_close(ears);
	ears->any = epoll_create1(EPOLL_CLOEXEC);
	int error = ears->any < 0 ? -errno : netns_enter(CONTAINER_NETNS);
	if (!error) {
		error = open_here(ears, filter, length);
		int back = netns_enter(HOST_NETNS);
		error = error ? error : back;
	}
	if (error)
		ears_close(ears);
	return error;
}

int ears_set_filter(const struct ears *ears, const uint8_t *filter, size_t length)
{
	for (unsigned i = 0; i < ears->count; i++) {
		int error = set_filter(ears->sockets[i], filter, length);
		if (error)
			return error;
	}
	return 0;
}

bool ears_are_open(const struct ears *ears)
{
	return ears->any >= 0;
}

bool ears_hear(const struct ears *ears)
{
	struct pollfd any = { ears->any, POLLIN, 0 };
	return ears->any >= 0 && poll(&any, 1, 0) > 0;
}
