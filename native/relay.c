/* The relay's entry point: sets up one loop for published ports and DNS, and runs it until it is killed. */
#include "relay.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "relay-state.h"

/* fds that are no connection: listeners, epoll, DNS questions on their way. */
#define FDS_RESERVED 512
/* A TCP session has two fds, a UDP client one. */
#define FDS_PER_CONNECTION 2
#define CONNECTIONS_MIN 16
#define CONNECTIONS_MAX 32768

/* Takes all the fds that we may have, and derives from them how many connections we hold at once. */
static size_t connection_limit(void)
{
	struct rlimit limit;
	size_t connections;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return CONNECTIONS_MIN;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0 && getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return CONNECTIONS_MIN;
	if (limit.rlim_cur <= FDS_RESERVED + CONNECTIONS_MIN * FDS_PER_CONNECTION)
		return CONNECTIONS_MIN;
	connections = (size_t)(limit.rlim_cur - FDS_RESERVED) / FDS_PER_CONNECTION;
	return connections < CONNECTIONS_MAX ? connections : CONNECTIONS_MAX;
}

int relay_main(const struct relay_config *config)
{
	struct relay *relay = calloc(1, sizeof *relay);

	if (!relay)
		return ENOMEM;
	prctl(PR_SET_NAME, "tscompose-relay"); /* told apart from its monitor in ps */
	relay->config = config;
	relay->connections_max = connection_limit();
	if (loop_init(&relay->loop) < 0 || tcp_start(relay) < 0 || udp_start(relay) < 0 ||
	    networks_start(relay) < 0 || dns_start(relay) < 0)
		return EXIT_FAILURE;
	return loop_run(&relay->loop);
}
