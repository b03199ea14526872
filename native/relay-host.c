/*
 * What the relay needs privilege for: its listeners are bound here, before the payload runs, and kept here, so that a
 * relay that dies is forked again and loses nothing. The relay itself has no privilege at all.
 */
#include "monitor.h"

#include <arpa/inet.h>
#include <grp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define NOBODY 65534
#define DNS_ADDRESS "127.0.0.11"
#define UPSTREAM_PORT 53
#define RESPAWN_DELAY 1000000000ULL

/* `address`, `address:port` or `[address]:port` as a socket address. */
static int parse_address(const char *text, uint16_t port, struct sockaddr_storage *out, socklen_t *length)
{
	char host[INET6_ADDRSTRLEN + 1];
	const char *colon = strrchr(text, ':');
	bool bracket = text[0] == '[';
	bool has_port = colon && (bracket ? colon[-1] == ']' : strchr(text, ':') == colon);
	size_t size = has_port ? (size_t)(colon - text) : strlen(text);
	memset(out, 0, sizeof *out);
	if (bracket && size >= 2 && text[size - 1] == ']')
		text++, size -= 2;
	if (size >= sizeof host)
		return -EINVAL;
	memcpy(host, text, size);
	host[size] = 0;
	if (has_port)
		port = (uint16_t)atoi(colon + 1);
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		*length = sizeof *v4;
		return 0;
	}
	if (inet_pton(AF_INET6, host, &v6->sin6_addr) != 1)
		return -EINVAL;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	*length = sizeof *v6;
	return 0;
}

/* A bound, non-blocking socket that listens when it is TCP. */
static int bind_listener(const struct sockaddr_storage *address, socklen_t length, int protocol)
{
	int one = 1, type = protocol == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM;
	int fd = socket(address->ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	if (fd < 0)
		return -errno;
	int error = 0;
	/* A port in TIME_WAIT may be bound again; for UDP the option would let two programs share a port. */
	if (protocol == IPPROTO_TCP && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one))
		error = -errno;
	/* 0.0.0.0 and [::] are published apart, as they are written. */
	if (!error && address->ss_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one))
		error = -errno;
	if (!error && bind(fd, (const struct sockaddr *)address, length))
		error = -errno;
	if (!error && protocol == IPPROTO_TCP && listen(fd, 4096))
		error = -errno;
	if (error)
		close(fd);
	return error ? error : fd;
}

static int add_port(struct monitor *monitor, const struct field *f)
{
	static const int protocols[] = { IPPROTO_TCP, IPPROTO_UDP };
	struct relay_config *config = &monitor->relay.config;
	struct sockaddr_storage host;
	socklen_t length;
	struct relay_port port = { 0 };
	char detail[DETAIL_MAX];
	if (f[PUBLISH_PROTOCOL].number > 1)
		return fail(monitor->state, EPROTONOSUPPORT, "sctp");
	port.protocol = protocols[f[PUBLISH_PROTOCOL].number];
	int error = parse_address(field_text(&f[PUBLISH_HOST_IP]), (uint16_t)f[PUBLISH_HOST_PORT].number, &host, &length);
	if (!error)
		error = parse_address(field_text(&f[PUBLISH_TARGET_IP]), (uint16_t)f[PUBLISH_TARGET_PORT].number,
				      &port.target, &port.target_length);
	if (!error)
		error = port.listener = bind_listener(&host, length, port.protocol);
	if (error < 0) {
		snprintf(detail, sizeof detail, "%s port %u", field_text(&f[PUBLISH_HOST_IP]),
			 (unsigned)f[PUBLISH_HOST_PORT].number);
		return fail(monitor->state, error, detail);
	}
	struct relay_port *ports = realloc((void *)(uintptr_t)config->ports, (config->port_count + 1) * sizeof *ports);
	if (!ports)
		return -ENOMEM;
	ports[config->port_count++] = port;
	config->ports = ports;
	return 0;
}

/* Binds the DNS sockets inside the container's network namespace. */
static int bind_dns(struct relay_config *config, uint16_t port)
{
	struct sockaddr_storage address;
	socklen_t length;
	int error = parse_address(DNS_ADDRESS, port, &address, &length);
	if (!error)
		error = netns_enter(CONTAINER_NETNS);
	if (error)
		return error;
	config->dns_udp = bind_listener(&address, length, IPPROTO_UDP);
	config->dns_tcp = bind_listener(&address, length, IPPROTO_TCP);
	error = netns_enter(HOST_NETNS);
	if (config->dns_udp < 0)
		return config->dns_udp;
	return config->dns_tcp < 0 ? config->dns_tcp : error;
}

static int add_names(struct monitor *monitor, const struct field *f)
{
	struct relay_config *config = &monitor->relay.config;
	uint32_t names = f[RELAY_NAMES].count, upstreams = f[RELAY_UPSTREAMS].count, offset = 0;
	int *folders = calloc((size_t)names + 1, sizeof *folders);
	struct sockaddr_storage *servers = calloc((size_t)upstreams + 1, sizeof *servers);
	config->names_folders = folders;
	config->upstreams = servers;
	config->internal = (int)f[RELAY_INTERNAL].number;
	if (!folders || !servers)
		return -ENOMEM;
	for (const char *path; (path = field_string(&f[RELAY_NAMES], &offset));) {
		int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			return fail(monitor->state, errno, path);
		folders[config->names_folder_count++] = fd;
	}
	offset = 0;
	for (const char *text; (text = field_string(&f[RELAY_UPSTREAMS], &offset));) {
		socklen_t length;
		if (parse_address(text, UPSTREAM_PORT, &servers[config->upstream_count], &length))
			return fail(monitor->state, EINVAL, text);
		config->upstream_count++;
	}
	return f[RELAY_DNS_PORT].number ? bind_dns(config, (uint16_t)f[RELAY_DNS_PORT].number) : 0;
}

/* Everything that the supervise stage says of the relay. After the setup stage: 127.0.0.11 must be up. */
int relay_prepare(struct monitor *monitor)
{
	struct state *state = monitor->state;
	struct cursor cursor = { 0 };
	struct field fields[FIELD_MAX];
	struct op op;
	while (program_next(&state->program, &cursor, &op)) {
		if (op.kind != OP_RELAY && op.kind != OP_PUBLISH)
			continue;
		state->current = op;
		int error = op_fields(&op, fields);
		if (!error)
			error = op.kind == OP_RELAY ? add_names(monitor, fields) : add_port(monitor, fields);
		if (error)
			return fail(state, error, NULL);
	}
	return 0;
}

static bool needs_relay(const struct relay_config *config)
{
	return config->dns_udp >= 0 || config->port_count > 0;
}

static bool is_relays(const struct relay_config *config, int fd)
{
	if (fd == config->dns_udp || fd == config->dns_tcp || fd == config->channel)
		return true;
	for (size_t i = 0; i < config->names_folder_count; i++)
		if (fd == config->names_folders[i])
			return true;
	for (size_t i = 0; i < config->port_count; i++)
		if (fd == config->ports[i].listener)
			return true;
	return false;
}

/* Closes everything else, the highest numbers in one call. */
static void close_others(const struct relay_config *config)
{
	int last = 2;
	for (size_t i = 0; i < config->names_folder_count; i++)
		last = config->names_folders[i] > last ? config->names_folders[i] : last;
	for (size_t i = 0; i < config->port_count; i++)
		last = config->ports[i].listener > last ? config->ports[i].listener : last;
	last = config->dns_udp > last ? config->dns_udp : last;
	last = config->dns_tcp > last ? config->dns_tcp : last;
	last = config->channel > last ? config->channel : last;
	for (int fd = 3; fd <= last; fd++)
		if (!is_relays(config, fd))
			close(fd);
	sys_close_range((unsigned)last + 1, ~0u, 0);
}

/* Nothing is left that would be worth taking over this process for. */
static int drop_privileges(void)
{
	if (prctl(PR_SET_NAME, "tscompose-relay") || setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))
		return -errno;
	return 0;
}

static _Noreturn void relay_process(struct monitor *monitor, int channel, pid_t parent)
{
	const struct program *program = &monitor->state->program;
	struct relay_config config = monitor->relay.config;
	config.channel = channel;
	/* The container's environment, with its secrets, is no business of a process that reads the network. */
	munmap((void *)(uintptr_t)program->bytes, program->length);
	close_others(&config);
	if (drop_privileges() || getppid() != parent)
		_exit(125);
	signal(SIGPIPE, SIG_IGN);
	_exit(relay_main(&config));
}

void relay_spawn(struct monitor *monitor)
{
	struct relay *relay = &monitor->relay;
	if (!needs_relay(&relay->config) || relay->pidfd >= 0)
		return;
	int ends[2];
	bool paired = !socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
	pid_t self = getpid(), pid = paired ? fork() : -1;
	if (pid == 0)
		relay_process(monitor, ends[1], self);
	if (paired) {
		close(ends[1]);
		relay->channel = ends[0];
	}
	relay->started = boot_nanoseconds();
	relay->respawn_at = pid < 0 ? relay->started + RESPAWN_DELAY : 0;
	relay->pid = pid;
	relay->pidfd = pid < 0 ? -1 : sys_pidfd_open(pid);
	if (pid < 0 && paired) {
		close(relay->channel);
		relay->channel = -1;
	}
	if (relay->respawn_at)
		life_arm_timer(monitor);
}

/* It died: at once again, or a second later when it dies as soon as it is born. */
void relay_ended(struct monitor *monitor)
{
	struct relay *relay = &monitor->relay;
	if (waitpid(relay->pid, NULL, WNOHANG) != relay->pid)
		return;
	close(relay->pidfd);
	close(relay->channel);
	relay->pidfd = relay->channel = -1;
	if (boot_nanoseconds() - relay->started >= RESPAWN_DELAY) {
		relay_spawn(monitor);
		return;
	}
	relay->respawn_at = boot_nanoseconds() + RESPAWN_DELAY;
	life_arm_timer(monitor);
}
