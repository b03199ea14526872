/* A change of published ports. */
#ifndef TSCOMPOSE_RELAY_PORTS_H
#define TSCOMPOSE_RELAY_PORTS_H

#include "monitor/state.h"

/* Payload: a program of `publish` operations alone, all ports that there are from now on. All of it is done, or nothing. */
int relay_set_ports(struct monitor *monitor, const uint8_t *payload, size_t length);
/* The same, by listeners of another monitor, too: the path of its socket, with a NUL, stands before the program. */
int relay_take_ports(struct monitor *monitor, const uint8_t *payload, size_t length);

#endif
