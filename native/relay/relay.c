/* The relay's entry point: sets up one loop for published ports and DNS, and runs it until it is killed. */
#include "relay/relay.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "relay/confine.h"
#include "relay/dns-networks.h"
#include "relay/dns-server.h"
#include "relay/messages.h"
#include "relay/state.h"
#include "relay/tcp.h"
#include "relay/udp.h"

/* fds that are neither connection nor listener: epoll, folders of names, DNS questions on their way, pipes. */
#define FDS_RESERVED (512 + 2 * RELAY_PIPES_MAX)
/* A TCP session has two fds, a UDP client one. */
#define FDS_PER_CONNECTION 2
#define CONNECTIONS_MIN 16
#define CONNECTIONS_MAX 32768

size_t relay_room(size_t listeners)
{
	struct rlimit limit;
	size_t connections, reserved = FDS_RESERVED + listeners;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return CONNECTIONS_MIN;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0 && getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return CONNECTIONS_MIN;
	if (limit.rlim_cur <= reserved + CONNECTIONS_MIN * FDS_PER_CONNECTION)
		return CONNECTIONS_MIN;
	connections = (size_t)(limit.rlim_cur - reserved) / FDS_PER_CONNECTION;
	return connections < CONNECTIONS_MAX ? connections : CONNECTIONS_MAX;
}

int relay_main(const struct relay_config *config)
{
	struct relay *relay = calloc(1, sizeof *relay);

	if (!relay)
		return ENOMEM;
	relay->config = config;
	relay->connections_max = relay_room(config->port_count);
	if (loop_init(&relay->loop) < 0 || tcp_start(relay) < 0 || udp_start(relay) < 0 ||
	    networks_start(relay) < 0 || messages_start(relay) < 0 || dns_start(relay) < 0 || relay_filter(config) < 0)
		return EXIT_FAILURE;
	return loop_run(&relay->loop);
}

int relay_mode(const char *file)
{
	struct relay_config *config = calloc(1, sizeof *config);
	int fd = atoi(file);

	if (!config || fd < 3 || relay_config_read(fd, config) || close(fd) || relay_confine(config))
		return 125;
	signal(SIGPIPE, SIG_IGN);
	return relay_main(config);
}
