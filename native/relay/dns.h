/*
 * DNS for one container: names of its networks are answered from the names files, all others are asked of the upstream
 * servers. The only client is the container itself, and nothing that it sends is trusted.
 */
#ifndef TSCOMPOSE_DNS_H
#define TSCOMPOSE_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "relay/config.h"
#include "relay/loop.h"

/* A names file, read again when it has changed. */
struct names_file {
	int folder;
	char *text;
	size_t length;
	struct stat seen; /* of the file that `text` is of; st_ino 0: none */
};

struct dns {
	struct loop *loop;
	const struct relay_config *config;
	struct names_file *names; /* of our networks, most important first */
	size_t names_count;
	int internal; /* unknown names are never asked outside */
	struct watch channel; /* to the monitor, for other networks */
	struct watch udp, tcp;
	struct timers questions; /* on their way to an upstream server */
	struct timers streams; /* TCP connections of the container */
	struct timers rests; /* the TCP listener, when the kernel has no fd or memory left */
	struct timer tcp_rest;
	size_t question_count, stream_count;
	bool *taken; /* of the config's sockets */
	unsigned turn; /* counts answers, so that several addresses take turns in being the first */
};

#endif
