/*
 * The relay's configuration on its way from the monitor: a file in memory that holds the struct and then its arrays. Both
 * ends are the same binary.
 */
#include "relay/config.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

/* Far above what a program of PROGRAM_MAX bytes can ask for. */
#define ITEMS_MAX (1u << 20)

/* An array of a configuration: where the struct has it. */
struct part {
	const void **bytes;
	size_t size;
};

enum { PARTS = 6 };

static void list_parts(struct relay_config *config, struct part parts[PARTS])
{
	parts[0] = (struct part){ (const void **)&config->names_folders,
				  config->names_folder_count * sizeof *config->names_folders };
	parts[1] = (struct part){ (const void **)&config->upstreams, config->upstream_count * sizeof *config->upstreams };
	parts[2] = (struct part){ (const void **)&config->ports, config->port_count * sizeof *config->ports };
	parts[3] = (struct part){ (const void **)&config->filter, config->filter_length };
	parts[5] = (struct part){ (const void **)&config->resolv_conf, config->resolv_conf_length };
	parts[4] = (struct part){ (const void **)&config->sockets, config->socket_count * sizeof *config->sockets };
}

static int write_all_of(int fd, const void *bytes, size_t length)
{
	for (const char *at = bytes; length;) {
		ssize_t count = write(fd, at, length);

		if (count < 0 && errno != EINTR)
			return -errno;
		if (count > 0) {
			at += count;
			length -= (size_t)count;
		}
	}
	return 0;
}

static int read_all_of(int fd, void *bytes, size_t length)
{
	for (char *at = bytes; length;) {
		ssize_t count = read(fd, at, length);

		if (count == 0)
			return -EPROTO;
		if (count < 0 && errno != EINTR)
			return -errno;
		if (count > 0) {
			at += count;
			length -= (size_t)count;
		}
	}
	return 0;
}

int relay_config_write(int fd, const struct relay_config *config)
{
	struct relay_config copy = *config;
	struct part parts[PARTS];
	int error = write_all_of(fd, &copy, sizeof copy);

	list_parts(&copy, parts);
	for (int i = 0; i < PARTS && !error; i++)
		error = write_all_of(fd, *parts[i].bytes, parts[i].size);
	return !error && lseek(fd, 0, SEEK_SET) < 0 ? -errno : error;
}

void relay_config_free(struct relay_config *config)
{
	struct part parts[PARTS];

	list_parts(config, parts);
	for (int i = 0; i < PARTS; i++)
		free((void *)(uintptr_t)*parts[i].bytes);
}

/* Its arrays are elsewhere. */
static void forget_parts(struct relay_config *config)
{
	struct part parts[PARTS];

	list_parts(config, parts);
	for (int i = 0; i < PARTS; i++)
		*parts[i].bytes = NULL;
}

int relay_config_read(int fd, struct relay_config *config)
{
	struct part parts[PARTS];
	int error = read_all_of(fd, config, sizeof *config);

	forget_parts(config);
	if (error)
		return error;
	if (config->names_folder_count > RELAY_NETWORKS_MAX || config->upstream_count > ITEMS_MAX ||
	    config->port_count > ITEMS_MAX || config->filter_length > ITEMS_MAX || config->socket_count > ITEMS_MAX ||
	    config->resolv_conf_length > ITEMS_MAX)
		return -EPROTO;
	list_parts(config, parts);
	for (int i = 0; i < PARTS && !error; i++) {
		void *bytes = malloc(parts[i].size + 1);

		error = bytes ? read_all_of(fd, bytes, parts[i].size) : -ENOMEM;
		*parts[i].bytes = bytes;
	}
	return error;
}
