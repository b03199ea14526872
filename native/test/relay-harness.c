/*
 * Runs the relay on loopback without a monitor and without privilege, for tests:
 *   relay-harness [dns=PORT] [names=FOLDER]... [upstream=IP:PORT]... [resolv=FILE:PORT] [internal] [held] [own] [tcp=PORT:TARGET]... [udp=PORT:TARGET]...
 * `held`: names files say which names may be asked outside; nobody takes lessons. `own`: the servers are asked by sockets that were made before, three of a kind. PORT 0 takes any; each listener that is bound prints "<kind> <port>", and "ready" ends the list.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "relay/relay.h"

#define MAX 16
#define OWN 3

struct setup {
	struct relay_config config;
	int folders[MAX];
	struct sockaddr_storage upstreams[MAX];
	struct relay_port ports[MAX];
	struct relay_socket sockets[2 * OWN];
};

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons((uint16_t)port),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

/* Prints the port that was bound, and returns the listener. */
static int bind_port(const char *kind, int type, int port)
{
	struct sockaddr_in address = loopback(port);
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) < 0)
		die(kind);
	if (type == SOCK_STREAM && listen(fd, 128) < 0)
		die("listen");
	getsockname(fd, (struct sockaddr *)&address, &length);
	printf("%s %d\n", kind, ntohs(address.sin_port));
	return fd;
}

static void add_dns(struct setup *setup, const char *value)
{
	setup->config.dns_udp = bind_port("dns-udp", SOCK_DGRAM, atoi(value));
	setup->config.dns_tcp = bind_port("dns-tcp", SOCK_STREAM, atoi(value));
}

static void add_upstream(struct setup *setup, const char *value)
{
	struct sockaddr_in *address = (struct sockaddr_in *)&setup->upstreams[setup->config.upstream_count++];
	char ip[64];
	int port;

	if (sscanf(value, "%63[0-9.]:%d", ip, &port) != 2)
		die(value);
	*address = loopback(port);
	inet_pton(AF_INET, ip, &address->sin_addr);
}

static void add_resolv(struct setup *setup, char *value)
{
	char *port = strrchr(value, ':');

	if (!port)
		die(value);
	*port++ = '\0';
	setup->config.resolv_conf = value;
	setup->config.resolv_conf_length = strlen(value) + 1;
	setup->config.upstream_port = (uint16_t)atoi(port);
}

static void add_port(struct setup *setup, const char *kind, const char *value)
{
	struct relay_port *port = &setup->ports[setup->config.port_count++];
	struct sockaddr_in target;
	int from, to, tcp = strcmp(kind, "tcp") == 0;

	if (sscanf(value, "%d:%d", &from, &to) != 2)
		die(value);
	target = loopback(to);
	port->protocol = tcp ? IPPROTO_TCP : IPPROTO_UDP;
	port->listener = bind_port(kind, tcp ? SOCK_STREAM : SOCK_DGRAM, from);
	memcpy(&port->target, &target, sizeof target);
	port->target_length = sizeof target;
}

static void add_own(struct setup *setup)
{
	for (int i = 0; i < 2 * OWN; i++) {
		int type = i % 2 ? SOCK_STREAM : SOCK_DGRAM;

		setup->sockets[i] = (struct relay_socket){ socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), AF_INET, type };
	}
	setup->config.socket_count = 2 * OWN;
}

static void add(struct setup *setup, char *argument)
{
	char *value = strchr(argument, '=');

	if (value)
		*value++ = '\0';
	if (strcmp(argument, "internal") == 0)
		setup->config.internal = 1;
	else if (strcmp(argument, "held") == 0)
		setup->config.held = 1;
	else if (strcmp(argument, "own") == 0)
		add_own(setup);
	else if (!value || setup->config.port_count >= MAX || setup->config.names_folder_count >= MAX ||
		 setup->config.upstream_count >= MAX)
		die(argument);
	else if (strcmp(argument, "dns") == 0)
		add_dns(setup, value);
	else if (strcmp(argument, "names") == 0)
		setup->folders[setup->config.names_folder_count++] = open(value, O_PATH | O_DIRECTORY | O_CLOEXEC);
	else if (strcmp(argument, "resolv") == 0)
		add_resolv(setup, value);
	else if (strcmp(argument, "upstream") == 0)
		add_upstream(setup, value);
	else
		add_port(setup, argument, value);
}

int main(int argc, char **argv)
{
	static struct setup setup = { .config = { .dns_udp = -1, .dns_tcp = -1, .channel = -1 } };

	signal(SIGPIPE, SIG_IGN);
	for (int i = 1; i < argc; i++)
		add(&setup, argv[i]);
	setup.config.names_folders = setup.folders;
	setup.config.upstreams = setup.upstreams;
	setup.config.sockets = setup.sockets;
	setup.config.ports = setup.ports;
	puts("ready");
	fflush(stdout);
	return relay_main(&setup.config);
}
