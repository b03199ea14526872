/* Published UDP ports. */
#ifndef TSCOMPOSE_RELAY_UDP_H
#define TSCOMPOSE_RELAY_UDP_H

#include "relay/state.h"

/* Starts what the config asks for; 0 or a negative errno. */
int udp_start(struct relay *relay);

#endif
