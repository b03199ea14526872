/* A change of the networks that the relay knows names of. */
#ifndef TSCOMPOSE_RELAY_NETWORKS_H
#define TSCOMPOSE_RELAY_NETWORKS_H

#include "monitor/state.h"

/* Payload: one byte, whether unknown names stay unanswered; then the folders' paths, each with its NUL. */
int relay_set_networks(struct monitor *monitor, const uint8_t *payload, size_t length);
/* Whether there is a relay that could write a log: 0, -ENOTCONN where the container has none, -EAGAIN where it is made anew. */
int relay_has_log(const struct monitor *monitor);
/* Hands it the connection of who wants its log, or what it has refused. */
void relay_hand_reader(const struct monitor *monitor, enum relay_word wanted, int fd);

#endif
