/*
 * What the relay needs privilege for: its listeners are bound here, before the payload runs, and kept here, so that a
 * relay that dies is started again and loses nothing. The relay itself has no privilege at all.
 */
#include "monitor/relay-setup.h"
#include "core/sys.h"
#include "monitor/relay-shortcut.h"
#include "monitor/state.h"
#include "ops/namespaces.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define DNS_ADDRESS "127.0.0.11"
#define UPSTREAM_PORT 53
#define PORTS 65536
/* Questions that a container may have on their way to servers of its own, by UDP and by TCP. */
#define OWN_DATAGRAMS 32
#define OWN_STREAMS 8

/* `address`, `address:port` or `[address]:port` as a socket address. */
static int parse_address(const char *text, uint16_t port, struct sockaddr_storage *out, socklen_t *length)
{
	char host[INET6_ADDRSTRLEN + 1];
	const char *colon = strrchr(text, ':');
	bool bracket = text[0] == '[';
	bool has_port = colon && (bracket ? colon[-1] == ']' : strchr(text, ':') == colon);
	size_t size = has_port ? (size_t)(colon - text) : strlen(text);
	memset(out, 0, sizeof *out);
	if (bracket && size >= 2 && text[size - 1] == ']')
		text++, size -= 2;
	if (size >= sizeof host)
		return -EINVAL;
	memcpy(host, text, size);
	host[size] = 0;
	if (has_port)
		port = (uint16_t)atoi(colon + 1);
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		*length = sizeof *v4;
		return 0;
	}
	if (inet_pton(AF_INET6, host, &v6->sin6_addr) != 1)
		return -EINVAL;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	*length = sizeof *v6;
	return 0;
}

/* Connections that wait to be accepted. */
#define BACKLOG 4096

/* A thousand clients at once: the kernel counts twice that, some 800 bytes for each small datagram. Only those that wait take memory. */
#define DATAGRAMS_ROOM (1 << 20)

/* Room for datagrams that come faster than the relay is scheduled, unless the machine gives more by itself, or we may not. */
static void make_room(int fd)
{
	int room = 0;
	socklen_t length = sizeof room;
	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, &length) || room >= 2 * DATAGRAMS_ROOM)
		return;
	room = DATAGRAMS_ROOM;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
}

/* A bound, non-blocking socket that listens when it is TCP. 0.0.0.0 and [::] are apart, as they are written, unless `both`. */
static int bind_listener(const struct sockaddr_storage *address, socklen_t length, int protocol, bool both)
{
	int one = 1, apart = !both, type = protocol == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM;
	int fd = socket(address->ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	if (fd < 0)
		return -errno;
	int error = 0;
	/* A port in TIME_WAIT may be bound again; for UDP the option would let two programs share a port. */
	if (protocol == IPPROTO_TCP && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one))
		error = -errno;
	if (!error && address->ss_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &apart, sizeof apart))
		error = -errno;
	if (!error && bind(fd, (const struct sockaddr *)address, length))
		error = -errno;
	if (!error && protocol == IPPROTO_TCP && listen(fd, BACKLOG))
		error = -errno;
	if (!error && protocol == IPPROTO_UDP)
		make_room(fd);
	if (error)
		close(fd);
	return error ? error : fd;
}

static void set_port(struct sockaddr_storage *address, uint64_t port)
{
	if (address->ss_family == AF_INET)
		((struct sockaddr_in *)address)->sin_port = htons((uint16_t)port);
	else
		((struct sockaddr_in6 *)address)->sin6_port = htons((uint16_t)port);
}

/* What `publish` says of its first port. */
static int read_publish(const struct field *f, struct sockaddr_storage *host, socklen_t *length, struct relay_port *port)
{
	static const int protocols[] = { IPPROTO_TCP, IPPROTO_UDP };
	uint64_t count = f[PUBLISH_COUNT].number;
	if (f[PUBLISH_PROTOCOL].number > 1)
		return -EPROTONOSUPPORT;
	if (!count || count > PORTS || f[PUBLISH_HOST_PORT].number > PORTS - count ||
	    f[PUBLISH_TARGET_PORT].number > PORTS - count)
		return -EINVAL;
	port->protocol = protocols[f[PUBLISH_PROTOCOL].number];
	int error = parse_address(field_text(&f[PUBLISH_HOST_IP]), 0, host, length);
	return error ? error
		     : parse_address(field_text(&f[PUBLISH_TARGET_IP]), 0, &port->target, &port->target_length);
}

int listener_describe(int fd, struct listener *out)
{
	int apart = 1;
	socklen_t size = sizeof apart, length = sizeof out->protocol;
	*out = (struct listener){ .fd = fd, .length = sizeof out->host };
	if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &out->protocol, &length) || getsockname(fd, (struct sockaddr *)&out->host, &out->length))
		return -errno;
	if (out->host.ss_family == AF_INET6 && getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &apart, &size))
		return -errno;
	out->both = !apart;
	return 0;
}

/* The listener of an address that there is already, from where the last one was found on; -1 without one. */
static int take_listener(struct listeners *before, const struct sockaddr_storage *host, socklen_t length, int protocol,
			 bool both)
{
	for (size_t i = 0; before && i < before->count; i++) {
		struct listener *each = &before->list[(before->next + i) % before->count];
		if (each->taken || each->protocol != protocol || each->both != both || each->length != length || memcmp(&each->host, host, length))
			continue;
		each->taken = true;
		before->next = (before->next + i + 1) % before->count;
		return each->fd;
	}
	return -1;
}

/* One that others have made deaf (SOCK_DESTROY) has its port still, and listens again. */
static int find_listener(struct listeners *before, const struct sockaddr_storage *host, socklen_t length, int protocol,
			 bool both)
{
	int fd = take_listener(before, host, length, protocol, both);
	if (fd < 0)
		return bind_listener(host, length, protocol, both);
	return protocol == IPPROTO_TCP && listen(fd, BACKLOG) ? -errno : fd;
}

int relay_add_ports(struct monitor *monitor, struct relay_config *config, const struct field *f, struct listeners *before)
{
	struct sockaddr_storage host;
	socklen_t length;
	struct relay_port port = { 0 };
	char detail[DETAIL_MAX];
	uint64_t count = f[PUBLISH_COUNT].number;
	int error = read_publish(f, &host, &length, &port);
	if (error)
		return fail(monitor->state, error, field_text(&f[PUBLISH_HOST_IP]));
	struct relay_port *ports = realloc((void *)(uintptr_t)config->ports, (config->port_count + count) * sizeof *ports);
	if (!ports)
		return -ENOMEM;
	config->ports = ports;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t number = f[PUBLISH_HOST_PORT].number + i;
		set_port(&host, number);
		set_port(&port.target, f[PUBLISH_TARGET_PORT].number + i);
		port.listener = find_listener(before, &host, length, port.protocol, f[PUBLISH_BOTH].number);
		port.id = ++monitor->relay.last_port;
		if (port.listener < 0) {
			snprintf(detail, sizeof detail, "%s port %u", field_text(&f[PUBLISH_HOST_IP]), (unsigned)number);
			return fail(monitor->state, port.listener, detail);
		}
		ports[config->port_count++] = port;
	}
	return 0;
}

/* Binds the DNS sockets inside the container's network namespace. */
static int bind_dns(struct relay_config *config, uint16_t port)
{
	struct sockaddr_storage address;
	socklen_t length;
	int error = parse_address(DNS_ADDRESS, port, &address, &length);
	if (!error)
		error = netns_enter(CONTAINER_NETNS);
	if (error)
		return error;
	config->dns_udp = bind_listener(&address, length, IPPROTO_UDP, false);
	config->dns_tcp = bind_listener(&address, length, IPPROTO_TCP, false);
	error = netns_enter(HOST_NETNS);
	if (config->dns_udp < 0)
		return config->dns_udp;
	return config->dns_tcp < 0 ? config->dns_tcp : error;
}

/* Sockets of one family in the namespace that we are in now. */
static int open_sockets(struct relay_config *config, struct relay_socket *sockets, int family, uint32_t mark)
{
	for (int i = 0; i < OWN_DATAGRAMS + OWN_STREAMS; i++) {
		int type = i < OWN_DATAGRAMS ? SOCK_DGRAM : SOCK_STREAM;
		int fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (fd < 0)
			return -errno;
		if (mark && setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark)) {
			int error = -errno;
			close(fd);
			return error;
		}
		sockets[config->socket_count++] = (struct relay_socket){ fd, family, type };
	}
	return 0;
}

static bool has_upstream(const struct relay_config *config, int family)
{
	for (size_t i = 0; i < config->upstream_count; i++)
		if (config->upstreams[i].ss_family == family)
			return true;
	return false;
}

/* The relay cannot enter the container's namespace: what it asks by there is made here. */
static int open_inside(struct relay_config *config, uint32_t mark)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct relay_socket *sockets = calloc(2 * (OWN_DATAGRAMS + OWN_STREAMS), sizeof *sockets);
	config->sockets = sockets;
	int error = sockets ? netns_enter(CONTAINER_NETNS) : -ENOMEM;
	if (error)
		return error;
	for (int i = 0; i < 2 && !error; i++)
		if (has_upstream(config, families[i]))
			error = open_sockets(config, sockets, families[i], mark);
	int back = netns_enter(HOST_NETNS);
	return error ? error : back;
}

int relay_add_servers(struct state *state, struct relay_config *config, const struct field *f)
{
	uint32_t offset = 0;
	const char *file = field_text(&f[RELAY_RESOLV_CONF]);
	struct sockaddr_storage *servers = calloc((size_t)f[RELAY_UPSTREAMS].count + 1, sizeof *servers);
	config->upstreams = servers;
	config->upstream_port = UPSTREAM_PORT;
	config->resolv_conf = strdup(file);
	config->resolv_conf_length = *file ? strlen(file) + 1 : 0;
	if (!servers || !config->resolv_conf)
		return -ENOMEM;
	for (const char *text; (text = field_string(&f[RELAY_UPSTREAMS], &offset));) {
		socklen_t length;
		if (parse_address(text, UPSTREAM_PORT, &servers[config->upstream_count], &length))
			return fail(state, EINVAL, text);
		config->upstream_count++;
	}
	return f[RELAY_ASK_INSIDE].number ? open_inside(config, (uint32_t)f[RELAY_MARK].number) : 0;
}

static int add_relay(struct monitor *monitor, const struct field *f)
{
	struct relay_config *config = &monitor->relay.config;
	uint32_t offset = 0;
	int *folders = calloc((size_t)f[RELAY_NAMES].count + 1, sizeof *folders);
	config->names_folders = folders;
	config->internal = (int)f[RELAY_INTERNAL].number;
	config->uid = (uint32_t)f[RELAY_UID].number;
	config->uid_count = (uint32_t)f[RELAY_UID_COUNT].number;
	config->filter = f[RELAY_FILTER].data;
	config->filter_length = f[RELAY_FILTER].length;
	monitor->relay.egress_table = field_text(&f[RELAY_EGRESS_TABLE]);
	config->held = *monitor->relay.egress_table != 0;
	if (!folders)
		return -ENOMEM;
	for (const char *path; (path = field_string(&f[RELAY_NAMES], &offset));) {
		int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			return fail(monitor->state, errno, path);
		folders[config->names_folder_count++] = fd;
	}
	int error = relay_add_servers(monitor->state, config, f);
	if (error)
		return error;
	return f[RELAY_DNS_PORT].number ? bind_dns(config, (uint16_t)f[RELAY_DNS_PORT].number) : 0;
}

int relay_prepare(struct monitor *monitor)
{
	struct state *state = monitor->state;
	struct cursor cursor = { 0 };
	struct field fields[FIELD_MAX];
	struct op op;
	while (program_next(&state->program, &cursor, &op)) {
		if (op.kind != OP_RELAY && op.kind != OP_PUBLISH)
			continue;
		state->current = op;
		int error = op_fields(&op, fields);
		if (!error)
			error = op.kind == OP_RELAY ? add_relay(monitor, fields) : relay_add_ports(monitor, &monitor->relay.config, fields, NULL);
		if (error)
			return fail(state, error, NULL);
	}
	const struct relay_config *config = &monitor->relay.config;
	(void)relay_lead_past(monitor);
	/* Without the operation it would be root. */
	return config->port_count && !config->uid ? fail(state, EPROTO, "no relay operation") : 0;
}
