/* Sockets to ask servers by. */
#ifndef TSCOMPOSE_RELAY_DNS_SOCKETS_H
#define TSCOMPOSE_RELAY_DNS_SOCKETS_H

#include "relay/dns.h"

/* Before the first is taken. */
int sockets_start(struct dns *dns);
/* Instead of those that are there: what `told` is to have, by these fds. False: there is no memory, and all is as before. */
bool sockets_replace(struct dns *dns, struct relay_config *told, const int *fds);
/* One to ask a server by, or -1. */
int socket_take(struct dns *dns, int family, int type);
/* Back, when nobody waits for an answer any more. */
void socket_give(struct dns *dns, struct watch *watch);

#endif
