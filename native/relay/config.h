/* What the monitor tells the relay: the fds that it opened, and what they are for. */
#ifndef TSCOMPOSE_RELAY_CONFIG_H
#define TSCOMPOSE_RELAY_CONFIG_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

/* Networks that one container can be on: as many fds as one message takes. */
#define RELAY_NETWORKS_MAX 250

/* The name of a set of the kernel's with its NUL, and the addresses of one lesson. */
#define RELAY_SET_MAX 250
#define RELAY_LESSON_ADDRESSES 32

/* What the monitor tells over the channel. */
enum relay_word {
	RELAY_NETWORKS, /* with their folders as fds, and whether they are all internal */
	RELAY_LOG, /* who wants the log of questions, as an fd */
	RELAY_PORT_COMES, /* with its listener as an fd */
	RELAY_PORT_GOES, /* by its id; answered by this one byte when it is closed */
	RELAY_REFUSED, /* who wants the names that were refused, as an fd */
	RELAY_LEARNED, /* a lesson, by its id, and whether it failed */
	RELAY_SERVERS, /* who is asked from now on: a file with a configuration of that alone, then its sockets, as fds */
	RELAY_LESSON, /* from the relay: see `struct relay_lesson` */
};

/* One published port: the listener is bound (and, for TCP, listening) on the host, close-on-exec and non-blocking. */
struct relay_port {
	int protocol; /* IPPROTO_TCP or IPPROTO_UDP */
	int listener;
	struct sockaddr_storage target; /* address and port of the container, AF_INET or AF_INET6 */
	socklen_t target_length;
	uint32_t id; /* by which the monitor names it when it goes */
};

/* A message over the channel. */
struct relay_message {
	uint8_t word;
	uint8_t flag; /* of networks: they are all internal; of a lesson: it failed */
	uint32_t lesson; /* its id */
	struct relay_port port; /* that comes or goes */
};

/* What the relay tells over the channel: addresses that a name was answered with, for a set of where the container may go. */
struct relay_lesson {
	uint8_t word;
	uint8_t family; /* AF_INET or AF_INET6 */
	uint8_t count;
	uint32_t id;
	uint32_t seconds; /* that they may be used */
	char set[RELAY_SET_MAX]; /* without the family's number */
	uint8_t addresses[RELAY_LESSON_ADDRESSES][16];
};

/* A socket in the container's network namespace, non-blocking and not bound: questions to its own servers go out by it. */
struct relay_socket {
	int fd;
	int family;
	int type; /* SOCK_DGRAM or SOCK_STREAM */
};

struct relay_config {
	/* Bound to 127.0.0.11 in the container's network namespace, non-blocking; -1: no DNS is served. */
	int dns_udp;
	int dns_tcp;
	/* O_PATH folders, most important first; each may hold a file `names` (openat relative to it). */
	const int *names_folders;
	size_t names_folder_count;
	/* Where unknown names are asked, in order. */
	const struct sockaddr_storage *upstreams;
	size_t upstream_count;
	/* The host's file that they are of, which is followed from then on, and the port of those that it names. Length 0: they stay. */
	const char *resolv_conf;
	size_t resolv_conf_length; /* with its NUL */
	uint16_t upstream_port;
	/* The sockets that they are asked by; none: those that the relay makes itself, in the host's namespace. */
	const struct relay_socket *sockets;
	size_t socket_count;
	/* Set: unknown names are never asked outside, but by those sockets. */
	int internal;
	/* Set: of those that are, the names files say which, and what they are answered with is told before it is given on. */
	int held;
	const struct relay_port *ports;
	size_t port_count;
	/* Where the monitor tells of networks and ports that come and go (messages.c); -1: nobody does. */
	int channel;
	/* The relay's user and group: one of `uid_count` from `uid` on, by its pid. */
	uid_t uid;
	uint32_t uid_count;
	/* struct sock_filter[]: the system calls it may make once it serves; none: all. */
	const uint8_t *filter;
	size_t filter_length;
	pid_t parent;
};

/* To a file, and from one; 0 or a negative errno, behind which there is something to free as well. */
int relay_config_write(int fd, const struct relay_config *config);
int relay_config_read(int fd, struct relay_config *config);
/* The arrays of one that was read into zeroed memory. */
void relay_config_free(struct relay_config *config);

#endif
