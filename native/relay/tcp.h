/* Published TCP ports. */
#ifndef TSCOMPOSE_RELAY_TCP_H
#define TSCOMPOSE_RELAY_TCP_H

#include "relay/state.h"

/* Starts what the config asks for; 0 or a negative errno. */
int tcp_start(struct relay *relay);
/* Listeners that stopped accepting at the limit accept again: called when a connection has ended. */
void tcp_resume(struct relay *relay);

#endif
