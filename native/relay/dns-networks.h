/* The networks whose names are known, which change. */
#ifndef TSCOMPOSE_RELAY_DNS_NETWORKS_H
#define TSCOMPOSE_RELAY_DNS_NETWORKS_H

#include "relay/state.h"

/* Takes those of the config; 0 or a negative errno. */
int networks_start(struct relay *relay);

/* Takes over folders that are open; they are closed when they cannot be. */
bool networks_replace(struct dns *dns, const int *folders, size_t count);

#endif
