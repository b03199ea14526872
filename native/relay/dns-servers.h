/* Which servers unknown names are asked of. */
#ifndef TSCOMPOSE_RELAY_DNS_SERVERS_H
#define TSCOMPOSE_RELAY_DNS_SERVERS_H

#include "relay/dns.h"

/* Those of the configuration, until the host's file says otherwise. */
void servers_start(struct dns *dns);
/* Asks others from now on: `fds` are a file with a configuration of that alone, and its sockets. */
void servers_replace(struct dns *dns, const int *fds, size_t count);
/* Reads the host's file again when it is another one than was read last. */
void servers_refresh(struct dns *dns);

#endif
