/* A port is had at 127.0.0.1 and ::1 together. What another has is his: it is tried again when routes come, and at no other time, for he may only be starting anew. */
#include "front/ports.h"
#include "core/sys.h"
#include "relay/tcp.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define BACKLOG 4096

static const int families[2] = { AF_INET, AF_INET6 };

/* By which the relay knows a listener. */
static uint32_t id_of(const struct front_port *port, int index)
{
	return (uint32_t)port->number << 1 | (uint32_t)index;
}

static int bind_at(int family, uint16_t number, int fd)
{
	const struct sockaddr_in v4 = { .sin_family = AF_INET,
					.sin_port = htons(number),
					.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
					 .sin6_port = htons(number),
					 .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int one = 1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) ||
	    (family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one)))
		return -errno;
	int error = family == AF_INET ? bind(fd, (const struct sockaddr *)&v4, sizeof v4) :
					bind(fd, (const struct sockaddr *)&v6, sizeof v6);
	return error || listen(fd, BACKLOG) ? -errno : 0;
}

static int listen_at(int family, uint16_t number)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
	int error = fd < 0 ? -errno : bind_at(family, number, fd);
	if (error && fd >= 0)
		close(fd);
	return error ? error : fd;
}

/* A machine without IPv6 has IPv4 alone. */
static bool is_of_no_family(int error)
{
	return error == -EAFNOSUPPORT || error == -EADDRNOTAVAIL;
}

static void let_go(struct front *front, struct front_port *port)
{
	for (int i = 0; i < 2; i++)
		(void)tcp_remove(&front->relay, id_of(port, i));
}

static void try_port(struct front *front, struct front_port *port)
{
	int fds[2], error = 0;
	for (int i = 0; i < 2; i++) {
		fds[i] = error ? -1 : listen_at(families[i], port->number);
		if (fds[i] < 0 && !(i && is_of_no_family(fds[i])))
			error = error ? error : fds[i];
	}
	for (int i = 0; i < 2; i++) {
		if (error && fds[i] >= 0)
			close(fds[i]);
		if (error || fds[i] < 0)
			continue;
		port->listeners[i] = (struct relay_port){ .protocol = IPPROTO_TCP, .listener = fds[i], .id = id_of(port, i) };
		if (tcp_add(&front->relay, &port->listeners[i]))
			error = -ENOMEM;
	}
	if (error)
		let_go(front, port);
	port->error = -error;
}

static struct front_port *find_port(struct front *front, uint16_t number)
{
	struct front_port *port = front->ports;
	while (port && port->number != number)
		port = port->next;
	return port;
}

static void want(struct front *front, uint16_t number)
{
	struct front_port *port = find_port(front, number);
	if (!port && (port = calloc(1, sizeof *port))) {
		*port = (struct front_port){ .number = number, .error = EAGAIN, .next = front->ports };
		front->ports = port;
	}
	if (port)
		port->wanted = true;
}

/* Listeners that are gone are no event's any more: the relay looks at who is there before it asks one. */
static void forget_unwanted(struct front *front)
{
	for (struct front_port **link = &front->ports; *link;) {
		struct front_port *port = *link;
		if (port->wanted) {
			link = &port->next;
			continue;
		}
		*link = port->next;
		let_go(front, port);
		free(port);
	}
}

void ports_follow(struct front *front)
{
	for (struct front_port *port = front->ports; port; port = port->next)
		port->wanted = false;
	for (size_t i = 0; i < front->route_count; i++)
		if (front->routes[i].listens)
			want(front, front->routes[i].port);
	forget_unwanted(front);
	for (struct front_port *port = front->ports; port; port = port->next)
		if (port->error)
			try_port(front, port);
}
