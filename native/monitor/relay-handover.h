/* Listeners that go from one monitor to another. */
#ifndef TSCOMPOSE_RELAY_HANDOVER_H
#define TSCOMPOSE_RELAY_HANDOVER_H

#include "monitor/relay-setup.h"

/* Sends a copy of each listener to who has asked for them. */
void relay_give_listeners(const struct relay_config *config, int fd);

/* Adds copies of the listeners of the monitor whose socket is at `path`. 0 or a negative errno; what was added is the caller's in any case. */
int relay_ask_listeners(const char *path, struct listeners *out);

#endif
