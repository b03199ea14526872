/* Published UDP ports. */
#ifndef TSCOMPOSE_RELAY_UDP_H
#define TSCOMPOSE_RELAY_UDP_H

#include "relay/state.h"

/* Starts what the config asks for; 0 or a negative errno. */
int udp_start(struct relay *relay);

/* A port more; 0 or a negative errno. The config stays where it is for as long as the port. */
int udp_add(struct relay *relay, const struct relay_port *config);

/* A port less, with its clients. Its config, or NULL where there is none. */
const struct relay_port *udp_remove(struct relay *relay, uint32_t id);

#endif
