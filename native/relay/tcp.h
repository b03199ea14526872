/* Published TCP ports. */
#ifndef TSCOMPOSE_RELAY_TCP_H
#define TSCOMPOSE_RELAY_TCP_H

#include "relay/state.h"

/* Starts what the config asks for; 0 or a negative errno. */
int tcp_start(struct relay *relay);
/* Leads a client somewhere. Takes its fd over, in any case. */
void tcp_lead(struct relay *relay, int client, const struct sockaddr *to, socklen_t length);
/* A port more; 0 or a negative errno. The config stays where it is for as long as the port. */
int tcp_add(struct relay *relay, const struct relay_port *config);

/* A port less: who is connected stays so. Its config, or NULL where there is none. */
const struct relay_port *tcp_remove(struct relay *relay, uint32_t id);

/* Listeners that stopped accepting at the limit accept again: called when a connection has ended. */
void tcp_resume(struct relay *relay);

#endif
