/* The networks whose names are known, which change. */
#ifndef TSCOMPOSE_RELAY_DNS_NETWORKS_H
#define TSCOMPOSE_RELAY_DNS_NETWORKS_H

#include "relay/state.h"

/* Takes those of the config, and from then on what the monitor tells; 0 or a negative errno. */
int networks_start(struct relay *relay);

#endif
