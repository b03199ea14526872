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

/* Of the host's file; resolvers ask three. */
#define DNS_SERVERS_MAX 8

/* Readers of one container's log. */
#define DNS_LOGGERS_MAX 8

/* A name in a names file. Offsets into its text; of what is not there, 0. */
struct names_entry {
	uint32_t name;
	uint32_t project;
	uint32_t next; /* entry of the same bucket */
};

/* A names file, read again when it has changed, and what finds its names. */
struct names_file {
	int folder;
	char *text;
	size_t length;
	struct names_entry *entries; /* from 1 on */
	uint32_t *buckets; /* first entry of each; 0: none */
	uint32_t mask; /* number of buckets, a power of two, less one */
	uint32_t own; /* offset of the reader's project */
	uint32_t egress; /* offset of the first line that allows a name; 0: none does */
	bool hides; /* what it knows is not looked for in others */
	struct stat seen; /* of the file that `text` is of; st_ino 0: none */
};

/* Who reads the log of questions; without `dns` nobody has yet. */
struct dns_logger {
	struct watch watch;
	struct dns *dns;
	uint64_t lost; /* lines that it had no room for */
};

struct dns {
	struct loop *loop;
	const struct relay_config *config;
	const struct relay_config *asked; /* who unknown names are asked of, and how: `config`, or what came later */
	const struct sockaddr_storage *servers; /* that unknown names are asked of now */
	size_t server_count;
	struct sockaddr_storage followed[DNS_SERVERS_MAX]; /* as the host's file has them */
	struct stat servers_seen; /* of the file that they are of; st_ino 0: none */
	struct names_file *names; /* of our networks, most important first */
	size_t names_count;
	int internal; /* unknown names are never asked outside */
	struct watch udp, tcp;
	struct timers questions; /* on their way to an upstream server */
	struct timers lessons; /* questions that are answered once the kernel has their addresses */
	uint32_t last_lesson;
	struct refused_name *refused; /* names that were, once there is one */
	struct timers streams; /* TCP connections of the container */
	struct timers rests; /* the TCP listener, when the kernel has no fd or memory left */
	struct timer tcp_rest;
	size_t question_count, stream_count;
	bool *taken; /* of the config's sockets */
	struct dns_logger loggers[DNS_LOGGERS_MAX];
	size_t logger_count;
	unsigned turn; /* counts answers, so that several addresses take turns in being the first */
};

#endif
