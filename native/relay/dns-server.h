/* Where the container's questions come in. */
#ifndef TSCOMPOSE_RELAY_DNS_SERVER_H
#define TSCOMPOSE_RELAY_DNS_SERVER_H

#include "relay/state.h"

/* Starts what the config asks for; 0 or a negative errno. After networks_start. */
int dns_start(struct relay *relay);

#endif
