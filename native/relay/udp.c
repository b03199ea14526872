/*
 * Published UDP ports: each client gets a socket of its own towards the container, so that answers find their way back,
 * until it has been silent for a while. Answers leave from the address that the client asked.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "relay/tcp.h"
#include "relay/udp.h"

/* As long as Docker's proxy keeps them. */
#define IDLE_TIMEOUT 90000
#define DATAGRAMS_PER_TURN 32
/* A port's clients: who forges sender addresses must not take all fds of the relay. */
#define CLIENTS_MAX 4096

/* Where a datagram came from, and to which of our addresses. Compared as bytes: unused ones are zero. */
struct udp_path {
	struct sockaddr_storage client;
	socklen_t client_length;
	int family;
	union {
		struct in_addr v4;
		struct in6_addr v6;
	} local;
};

struct udp_client {
	struct grave grave; /* first: see loop_bury */
	struct udp_port *port;
	struct watch target;
	struct timer idle;
	struct udp_path path;
	struct udp_client *next;
};

struct udp_port {
	struct grave grave; /* first: see loop_bury */
	struct watch listener;
	struct relay *relay;
	const struct relay_port *config;
	struct udp_port *next;
	size_t count;
};

/* Space for the control message of either family. */
union control {
	struct cmsghdr align;
	uint8_t bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

/* The clients of one bucket, by FNV-1a; collisions only cost a comparison, and CLIENTS_MAX bounds them. */
static struct udp_client **bucket_of(const struct udp_port *port, const struct udp_path *path)
{
	const uint8_t *bytes = (const uint8_t *)&path->client;
	uint32_t value = 2166136261u ^ (uint32_t)port->listener.fd;

	for (socklen_t i = 0; i < path->client_length; i++)
		value = (value ^ bytes[i]) * 16777619u;
	return &port->relay->udp_clients[value % UDP_BUCKETS];
}

static void client_close(struct udp_client *client)
{
	struct udp_port *port = client->port;
	struct udp_client **link = bucket_of(port, &client->path);

	while (*link && *link != client)
		link = &(*link)->next;
	if (*link)
		*link = client->next;
	timer_stop(&client->idle);
	watch_close(&port->relay->loop, &client->target);
	loop_bury(&port->relay->loop, &client->grave);
	port->count--;
	port->relay->connections--;
	tcp_resume(port->relay);
}

static void idle_expired(struct timer *timer)
{
	client_close(OWNER(timer, struct udp_client, idle));
}

/* Sends to the client, from the address that it had sent to. */
static void answer(struct udp_client *client, const uint8_t *bytes, size_t length)
{
	struct udp_path *path = &client->path;
	struct iovec part = { .iov_base = (void *)bytes, .iov_len = length };
	union control control = { 0 };
	struct msghdr message = { .msg_name = &path->client,
				  .msg_namelen = path->client_length,
				  .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes };
	struct cmsghdr *head = &control.align;

	if (path->family == AF_INET) {
		struct in_pktinfo info = { .ipi_spec_dst = path->local.v4 };

		message.msg_controllen = CMSG_SPACE(sizeof info);
		*head = (struct cmsghdr){ .cmsg_level = IPPROTO_IP, .cmsg_type = IP_PKTINFO, .cmsg_len = CMSG_LEN(sizeof info) };
		memcpy(CMSG_DATA(head), &info, sizeof info);
	} else {
		struct in6_pktinfo info = { .ipi6_addr = path->local.v6 };

		message.msg_controllen = CMSG_SPACE(sizeof info);
		*head = (struct cmsghdr){ .cmsg_level = IPPROTO_IPV6, .cmsg_type = IPV6_PKTINFO, .cmsg_len = CMSG_LEN(sizeof info) };
		memcpy(CMSG_DATA(head), &info, sizeof info);
	}
	/* Asked by broadcast: nobody has that address, and the kernel chooses one. */
	if (sendmsg(client->port->listener.fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0 || errno != EINVAL)
		return;
	message.msg_controllen = 0;
	/* A datagram that can't be sent now is lost, as datagrams are. */
	(void)!sendmsg(client->port->listener.fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void target_ready(struct watch *watch, uint32_t events)
{
	struct udp_client *client = OWNER(watch, struct udp_client, target);
	struct relay *relay = client->port->relay;

	(void)events;
	for (int turn = 0; turn < DATAGRAMS_PER_TURN; turn++) {
		ssize_t got = recv(watch->fd, relay->scratch, sizeof relay->scratch, 0);

		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got < 0) { /* ECONNREFUSED: nothing listens in the container */
			client_close(client);
			return;
		}
		timer_start(&relay->udp_idle, &client->idle);
		answer(client, relay->scratch, (size_t)got);
	}
}

static struct udp_client *client_find(struct udp_port *port, const struct udp_path *path)
{
	struct udp_client *client = *bucket_of(port, path);

	while (client && (client->port != port || memcmp(&client->path, path, sizeof *path) != 0))
		client = client->next;
	return client;
}

static struct udp_client *client_open(struct udp_port *port, const struct udp_path *path)
{
	struct relay *relay = port->relay;
	const struct sockaddr *target = (const struct sockaddr *)&port->config->target;
	struct udp_client *client, **link;
	int fd;

	/* Full: the client that was silent longest makes room, so that a flood does not lock everybody else out. */
	if ((port->count >= CLIENTS_MAX || relay->connections >= relay->connections_max) && relay->udp_idle.first)
		client_close(OWNER(relay->udp_idle.first, struct udp_client, idle));
	if (relay->connections >= relay->connections_max)
		return NULL;
	fd = socket(target->sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	client = fd < 0 ? NULL : calloc(1, sizeof *client);
	if (client)
		watch_open(&client->target, fd, target_ready);
	if (!client || connect(fd, target, port->config->target_length) < 0 ||
	    !watch_want(&relay->loop, &client->target, EPOLLIN)) {
		if (fd >= 0)
			close(fd);
		free(client);
		return NULL;
	}
	client->port = port;
	client->path = *path;
	link = bucket_of(port, path);
	client->next = *link;
	*link = client;
	port->count++;
	relay->connections++;
	return client;
}

/* Reads our own address out of the control message. False: the kernel didn't tell, and we could not answer rightly. */
static bool read_local(struct msghdr *message, struct udp_path *path)
{
	for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head; head = CMSG_NXTHDR(message, head)) {
		if (head->cmsg_level == IPPROTO_IP && head->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, CMSG_DATA(head), sizeof info);
			path->family = AF_INET;
			path->local.v4 = info.ipi_spec_dst;
			return true;
		}
		if (head->cmsg_level == IPPROTO_IPV6 && head->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;

			memcpy(&info, CMSG_DATA(head), sizeof info);
			path->family = AF_INET6;
			path->local.v6 = info.ipi6_addr;
			return true;
		}
	}
	return false;
}

static void listener_ready(struct watch *watch, uint32_t events)
{
	struct udp_port *port = OWNER(watch, struct udp_port, listener);
	struct relay *relay = port->relay;

	(void)events;
	for (int turn = 0; turn < DATAGRAMS_PER_TURN; turn++) {
		struct udp_path path;
		struct iovec part = { .iov_base = relay->scratch, .iov_len = sizeof relay->scratch };
		union control control = { 0 };
		struct msghdr message = { .msg_name = &path.client,
					  .msg_namelen = sizeof path.client,
					  .msg_iov = &part,
					  .msg_iovlen = 1,
					  .msg_control = control.bytes,
					  .msg_controllen = sizeof control };
		struct udp_client *client;
		ssize_t got;

		memset(&path, 0, sizeof path);
		got = recvmsg(watch->fd, &message, MSG_DONTWAIT);
		if (got < 0)
			return;
		path.client_length = message.msg_namelen;
		if (!read_local(&message, &path))
			continue;
		client = client_find(port, &path);
		if (!client)
			client = client_open(port, &path);
		if (!client)
			continue;
		timer_start(&relay->udp_idle, &client->idle);
		(void)!send(client->target.fd, relay->scratch, (size_t)got, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
}

int udp_add(struct relay *relay, const struct relay_port *config)
{
	struct udp_port *port = calloc(1, sizeof *port);
	int family = 0, on = 1;
	socklen_t length = sizeof family;

	if (!port)
		return -ENOMEM;
	port->relay = relay;
	port->config = config;
	port->next = relay->udp_ports;
	relay->udp_ports = port;
	if (getsockopt(config->listener, SOL_SOCKET, SO_DOMAIN, &family, &length) < 0)
		return -errno;
	bool six = family == AF_INET6;
	if (setsockopt(config->listener, six ? IPPROTO_IPV6 : IPPROTO_IP, six ? IPV6_RECVPKTINFO : IP_PKTINFO, &on, sizeof on))
		return -errno;
	watch_open(&port->listener, config->listener, listener_ready);
	return watch_want(&relay->loop, &port->listener, EPOLLIN) ? 0 : -errno;
}

static void close_clients(struct relay *relay, const struct udp_port *port)
{
	for (size_t i = 0; i < UDP_BUCKETS; i++)
		for (struct udp_client *client = relay->udp_clients[i], *next; client; client = next) {
			next = client->next;
			if (client->port == port)
				client_close(client);
		}
}

const struct relay_port *udp_remove(struct relay *relay, uint32_t id)
{
	for (struct udp_port **link = &relay->udp_ports; *link; link = &(*link)->next) {
		struct udp_port *port = *link;

		if (port->config->id != id)
			continue;
		close_clients(relay, port);
		*link = port->next;
		watch_close(&relay->loop, &port->listener);
		loop_bury(&relay->loop, &port->grave);
		return port->config;
	}
	return NULL;
}

int udp_start(struct relay *relay)
{
	timers_init(&relay->loop, &relay->udp_idle, IDLE_TIMEOUT, idle_expired);
	for (size_t i = 0; i < relay->config->port_count; i++) {
		int result = 0;

		if (relay->config->ports[i].protocol == IPPROTO_UDP)
			result = udp_add(relay, &relay->config->ports[i]);
		if (result < 0)
			return result;
	}
	return 0;
}
