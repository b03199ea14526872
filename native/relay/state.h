/* What the parts of the relay share. One struct, made by relay_main; there are no globals. */
#ifndef TSCOMPOSE_RELAY_STATE_H
#define TSCOMPOSE_RELAY_STATE_H

#include "relay/config.h"
#include "relay/dns.h"
#include "relay/loop.h"

/* Room for one UDP datagram, or one read of a TCP stream. */
#define SCRATCH_SIZE 65536
/* Flows that have a pipe of two fds; more than that are copied. */
#define RELAY_PIPES_MAX 128
/* Of all ports together: there may be tens of thousands. */
#define UDP_BUCKETS 4096

struct relay {
	struct loop loop;
	const struct relay_config *config;
	uint8_t scratch[SCRATCH_SIZE];
	size_t connections; /* TCP sessions and UDP clients that hold fds */
	size_t connections_max;
	size_t pipes;
	/* Who says where a client of a port is led, and takes its fd over; NULL: to the port's target. */
	void (*newcomer)(struct relay *relay, const struct relay_port *port, int client);
	struct watch channel;
	struct tcp_port *tcp_ports;
	struct udp_port *udp_ports;
	struct timers tcp_connecting;
	struct timers tcp_leaving;
	struct timers tcp_paused;
	struct timers udp_idle;
	struct udp_client *udp_clients[UDP_BUCKETS];
	struct dns dns;
};

#endif
