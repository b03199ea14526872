/*
 * Sockets to ask servers by: made for each question, or of those that the monitor made in the container's network. The latter
 * are used again and again, each time from another port: who leaves a connection gives its port back.
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "relay/dns-sockets.h"

int sockets_start(struct dns *dns)
{
	dns->taken = calloc(dns->asked->socket_count + 1, sizeof *dns->taken);
	return dns->taken ? 0 : -1;
}

bool sockets_replace(struct dns *dns, struct relay_config *told, const int *fds)
{
	struct relay_socket *sockets = (struct relay_socket *)(uintptr_t)told->sockets;
	bool *taken = calloc(told->socket_count + 1, sizeof *taken);

	if (!taken)
		return false;
	for (size_t i = 0; i < told->socket_count; i++)
		sockets[i].fd = fds[i];
	/* Those that somebody has are closed when they come back. */
	for (size_t i = 0; i < dns->asked->socket_count; i++)
		if (!dns->taken[i])
			close(dns->asked->sockets[i].fd);
	free(dns->taken);
	dns->taken = taken;
	return true;
}

int socket_take(struct dns *dns, int family, int type)
{
	const struct relay_config *config = dns->asked;

	if (!config->socket_count)
		return socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	for (size_t i = 0; i < config->socket_count; i++) {
		const struct relay_socket *each = &config->sockets[i];

		if (dns->taken[i] || each->family != family || each->type != type)
			continue;
		dns->taken[i] = true;
		return each->fd;
	}
	return -1;
}

void socket_give(struct dns *dns, struct watch *watch)
{
	const struct relay_config *config = dns->asked;
	const struct sockaddr nobody = { .sa_family = AF_UNSPEC };
	int error = 0;
	socklen_t length = sizeof error;

	for (size_t i = 0; watch->fd >= 0 && i < config->socket_count; i++) {
		if (config->sockets[i].fd != watch->fd)
			continue;
		watch_want(dns->loop, watch, 0);
		/* An answer that comes too late finds nobody, and an error of this question is not the next one's. */
		(void)!connect(watch->fd, &nobody, sizeof nobody);
		(void)!getsockopt(watch->fd, SOL_SOCKET, SO_ERROR, &error, &length);
		dns->taken[i] = false;
		watch->fd = -1;
	}
	watch_close(dns->loop, watch);
}
