/* The networks whose names are known: folders that were opened by the monitor. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "relay/dns-file.h"
#include "relay/dns-networks.h"

bool networks_replace(struct dns *dns, const int *folders, size_t count)
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

int networks_start(struct relay *relay)
{
	struct dns *dns = &relay->dns;
	const struct relay_config *config = relay->config;

	dns->internal = config->internal;
	dns->names = calloc(config->names_folder_count + 1, sizeof *dns->names);
	if (!dns->names)
		return -ENOMEM;
	dns->names_count = config->names_folder_count;
	for (size_t i = 0; i < config->names_folder_count; i++)
		dns->names[i].folder = config->names_folders[i];
	return 0;
}
