/* A change of the servers that the relay asks. */
#ifndef TSCOMPOSE_RELAY_SERVERS_H
#define TSCOMPOSE_RELAY_SERVERS_H

#include "monitor/state.h"

/* Payload: a program of one `relay`, of which the servers count, and how they are asked. */
int relay_set_servers(struct monitor *monitor, const uint8_t *payload, size_t length);

#endif
