/* What the parts of the front door share. One struct, made by front_mode; there are no globals. */
#ifndef TSCOMPOSE_FRONT_STATE_H
#define TSCOMPOSE_FRONT_STATE_H

#include <netinet/in.h>

#include "core/protocol.h"
#include "relay/state.h"

/* Where a name leads that clients ask for at a port. */
struct front_route {
	uint16_t port;
	bool listens; /* false: the port is somebody else's for now */
	uint8_t length; /* of the name */
	struct in_addr address;
	char name[FRONT_NAME_MAX];
};

/* A port at both loopback addresses, or at neither: clients of a name try both, and must not meet two. */
struct front_port {
	uint16_t number;
	int error; /* why it is not had, an errno; 0: it is */
	bool wanted;
	struct relay_port listeners[2];
	struct front_port *next;
};

struct front {
	struct relay relay; /* first: see FRONT_OF */
	struct relay_config config;
	int folder; /* where the socket is; when that is gone nobody finds us any more */
	struct watch door; /* where the engine comes */
	struct watch engine; /* who came last */
	uint8_t *heard; /* what it is saying */
	size_t heard_length, heard_size;
	struct front_route *routes;
	size_t route_count;
	struct front_port *ports;
	struct timers newcomers;
	struct timers looks;
	struct timer look;
};

#define FRONT_OF(pointer) ((struct front *)(void *)(pointer))

#endif
