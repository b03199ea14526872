/*
 * The monitor's half of a change of networks: it opens the folders with the names, and hands them to the relay, which has
 * no right to open anything.
 */
#include "monitor/relay-networks.h"
#include "core/sys.h"
#include "monitor/relay-life.h"
#include "monitor/state.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static void close_all(const int *folders, size_t count)
{
	for (size_t i = 0; i < count; i++)
		close(folders[i]);
}

/* Opens the folders of paths that end in NUL each, one behind the other. Their count, or a negative errno. */
static int open_folders(const char *paths, size_t length, int folders[RELAY_NETWORKS_MAX])
{
	size_t count = 0;
	for (size_t at = 0; at < length; at += strlen(paths + at) + 1) {
		int fd = count < RELAY_NETWORKS_MAX ? open(paths + at, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
		if (fd < 0) {
			int error = count < RELAY_NETWORKS_MAX ? -errno : -E2BIG;
			close_all(folders, count);
			return error;
		}
		folders[count++] = fd;
	}
	return (int)count;
}

/* A relay that is not there now, or that has no room for the message, is born with the new networks. */
int relay_set_networks(struct monitor *monitor, const uint8_t *payload, size_t length)
{
	struct relay_process *relay = &monitor->relay;
	struct relay_config *config = &relay->config;
	int folders[RELAY_NETWORKS_MAX];
	if (length < 1 || (length > 1 && payload[length - 1]))
		return -EPROTO;
	if (config->dns_udp < 0)
		return -ENOTCONN;
	int count = open_folders((const char *)payload + 1, length - 1, folders);
	if (count < 0)
		return count;
	int *copy = calloc((size_t)count + 1, sizeof *copy);
	if (!copy) {
		close_all(folders, (size_t)count);
		return -ENOMEM;
	}
	memcpy(copy, folders, (size_t)count * sizeof *copy);
	close_all(config->names_folders, config->names_folder_count);
	free((void *)(uintptr_t)config->names_folders);
	config->names_folders = copy;
	config->names_folder_count = (size_t)count;
	config->internal = payload[0] != 0;
	const struct relay_message told = { .word = RELAY_NETWORKS, .flag = config->internal != 0 };
	if (relay->pidfd >= 0 && relay_tell(relay, &told, config->names_folders, config->names_folder_count))
		sys_pidfd_send_signal(relay->pidfd, SIGKILL);
	return 0;
}

int relay_has_log(const struct monitor *monitor)
{
	if (monitor->relay.config.dns_udp < 0)
		return -ENOTCONN;
	return monitor->relay.pidfd < 0 ? -EAGAIN : 0;
}

void relay_hand_reader(const struct monitor *monitor, enum relay_word wanted, int fd)
{
	/* Where the relay has just ended the connection ends, too, and is asked for again. */
	(void)!relay_tell(&monitor->relay, &(struct relay_message){ .word = (uint8_t)wanted }, &fd, 1);
}
