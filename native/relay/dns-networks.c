/* The relay's half of what the monitor tells while it serves: folders of networks, and readers of the log, come from the monitor, over the one channel that there is. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "relay/dns-file.h"
#include "relay/dns-log.h"
#include "relay/dns-networks.h"

/* Takes over folders that are open; they are closed when they cannot be. */
static bool replace(struct dns *dns, const int *folders, size_t count)
{
	struct names_file *names = calloc(count + 1, sizeof *names);

	for (size_t i = 0; i < count; i++) {
		if (names)
			names[i].folder = folders[i];
		else
			close(folders[i]);
	}
	if (!names)
		return false;
	for (size_t i = 0; i < dns->names_count; i++) {
		close(dns->names[i].folder);
		names_clear(&dns->names[i]);
	}
	free(dns->names);
	dns->names = names;
	dns->names_count = count;
	return true;
}

static void take(struct dns *dns, const uint8_t bytes[2], const int *fds, size_t count)
{
	if (bytes[0] == RELAY_LOG && count == 1)
		log_add(dns, fds[0]);
	else if (replace(dns, fds, count))
		dns->internal = bytes[1];
}

static void networks_ready(struct watch *watch, uint32_t events)
{
	struct dns *dns = OWNER(watch, struct dns, channel);
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int) * RELAY_NETWORKS_MAX)];
	} control;
	uint8_t bytes[2] = { 0 };
	int folders[RELAY_NETWORKS_MAX];
	size_t size = 0;
	struct iovec body = { bytes, sizeof bytes };
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
		watch_close(dns->loop, watch);
		return;
	}
	if (rights && rights->cmsg_level == SOL_SOCKET && rights->cmsg_type == SCM_RIGHTS)
		size = rights->cmsg_len - CMSG_LEN(0);
	memcpy(folders, CMSG_DATA(&control.head), size);
	take(dns, bytes, folders, size / sizeof *folders);
}

int networks_start(struct relay *relay)
{
	struct dns *dns = &relay->dns;
	const struct relay_config *config = relay->config;

	dns->internal = config->internal;
	dns->channel.fd = -1;
	dns->names = calloc(config->names_folder_count + 1, sizeof *dns->names);
	if (!dns->names)
		return -ENOMEM;
	dns->names_count = config->names_folder_count;
	for (size_t i = 0; i < config->names_folder_count; i++)
		dns->names[i].folder = config->names_folders[i];
	if (config->channel < 0)
		return 0;
	watch_open(&dns->channel, config->channel, networks_ready);
	return watch_want(&relay->loop, &dns->channel, EPOLLIN) ? 0 : -errno;
}
