/* Who comes to a container: whichever way a client takes, he is a packet in its network in the end. */
#ifndef TSCOMPOSE_EARS_H
#define TSCOMPOSE_EARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Most interfaces at which somebody may come to one. */
#define EARS_MAX 32

struct ears {
	int sockets[EARS_MAX]; /* of packets, in the container's network */
	unsigned count;
	int any; /* an epoll of them; -1: nobody is looked out for */
};

/* Looks out from now on for packets that the filter lets through (struct sock_filter[]), at all interfaces that there are: they come and go, so it begins anew each time. */
int ears_open(struct ears *ears, const uint8_t *filter, size_t length);
/* Others count from here on, beside those that have come already. */
int ears_set_filter(const struct ears *ears, const uint8_t *filter, size_t length);
bool ears_are_open(const struct ears *ears);
/* A packet has come. */
bool ears_hear(const struct ears *ears);
/* What comes costs nothing any more. */
void ears_close(struct ears *ears);

#endif
