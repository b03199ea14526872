/* A change of the networks that the relay knows names of. */
#ifndef TSCOMPOSE_RELAY_NETWORKS_H
#define TSCOMPOSE_RELAY_NETWORKS_H

#include "monitor/state.h"

/* Payload: one byte, whether unknown names stay unanswered; then the folders' paths, each with its NUL. */
int relay_set_networks(struct monitor *monitor, const uint8_t *payload, size_t length);

#endif
