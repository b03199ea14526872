/* The relay's half of a change of networks or ports: fds come from the monitor, over the one channel that there is. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "relay/dns-egress.h"
#include "relay/dns-forward.h"
#include "relay/dns-log.h"
#include "relay/dns-networks.h"
#include "relay/dns-servers.h"
#include "relay/messages.h"
#include "relay/tcp.h"
#include "relay/udp.h"

static void close_all(const int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		close(fds[i]);
}

/* One that cannot be had is not served until the relay is started again: the monitor has it. */
static void port_comes(struct relay *relay, const struct relay_port *told, int listener)
{
	struct relay_port *port = malloc(sizeof *port);

	if (!port) {
		close(listener);
		return;
	}
	*port = *told;
	port->listener = listener;
	if (port->protocol == IPPROTO_TCP)
		(void)tcp_add(relay, port);
	else
		(void)udp_add(relay, port);
}

/* Those that came by a message have memory of their own. */
static void port_goes(struct relay *relay, const struct relay_port *told)
{
	const struct relay_config *config = relay->config;
	const struct relay_port *port =
		told->protocol == IPPROTO_TCP ? tcp_remove(relay, told->id) : udp_remove(relay, told->id);

	if (port && (port < config->ports || port >= config->ports + config->port_count))
		free((void *)(uintptr_t)port);
}

static void obey(struct relay *relay, const struct relay_message *message, const int *fds, size_t count)
{
	if (message->word == RELAY_NETWORKS) {
		if (networks_replace(&relay->dns, fds, count))
			relay->dns.internal = message->flag;
	} else if (message->word == RELAY_SERVERS && count) {
		servers_replace(&relay->dns, fds, count);
	} else if (message->word == RELAY_LOG && count == 1) {
		log_add(&relay->dns, fds[0]);
	} else if (message->word == RELAY_REFUSED && count == 1) {
		refused_tell(&relay->dns, fds[0]);
	} else if (message->word == RELAY_PORT_COMES && count == 1) {
		port_comes(relay, &message->port, fds[0]);
	} else {
		close_all(fds, count);
		if (message->word == RELAY_LEARNED)
			question_learned(&relay->dns, message->lesson, message->flag);
		if (message->word == RELAY_PORT_GOES) {
			port_goes(relay, &message->port);
			/* The monitor waits: whoever is to have the port next finds it free. */
			(void)!send(relay->channel.fd, &message->word, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
		}
	}
}

static void channel_ready(struct watch *watch, uint32_t events)
{
	struct relay *relay = OWNER(watch, struct relay, channel);
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int) * RELAY_NETWORKS_MAX)];
	} control;
	struct relay_message told = { 0 };
	int fds[RELAY_NETWORKS_MAX];
	size_t size = 0;
	struct iovec body = { &told, sizeof told };
	struct msghdr message = { .msg_iov = &body,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof control.bytes };
	ssize_t got = recvmsg(watch->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	const struct cmsghdr *rights = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;

	(void)events;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) { /* the monitor is gone, and we go with it */
		watch_close(&relay->loop, watch);
		return;
	}
	if (rights && rights->cmsg_level == SOL_SOCKET && rights->cmsg_type == SCM_RIGHTS)
		size = rights->cmsg_len - CMSG_LEN(0);
	memcpy(fds, CMSG_DATA(&control.head), size);
	if ((size_t)got == sizeof told)
		obey(relay, &told, fds, size / sizeof *fds);
	else
		close_all(fds, size / sizeof *fds);
}

int messages_start(struct relay *relay)
{
	relay->channel.fd = -1;
	if (relay->config->channel < 0)
		return 0;
	watch_open(&relay->channel, relay->config->channel, channel_ready);
	return watch_want(&relay->loop, &relay->channel, EPOLLIN) ? 0 : -errno;
}
