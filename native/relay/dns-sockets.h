/* Sockets to ask servers by. */
#ifndef TSCOMPOSE_RELAY_DNS_SOCKETS_H
#define TSCOMPOSE_RELAY_DNS_SOCKETS_H

#include "relay/dns.h"

/* Before the first is taken. */
int sockets_start(struct dns *dns);
/* One to ask a server by, or -1. */
int socket_take(struct dns *dns, int family, int type);
/* Back, when nobody waits for an answer any more. */
void socket_give(struct dns *dns, struct watch *watch);

#endif
