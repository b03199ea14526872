/* Questions by UDP. */
#ifndef TSCOMPOSE_RELAY_DNS_UDP_H
#define TSCOMPOSE_RELAY_DNS_UDP_H

#include "relay/loop.h"

/* Answers what has come at `dns.udp`, which `watch` is. */
void dns_udp_ready(struct watch *watch, uint32_t events);

#endif
