/*
 * The monitor's half of a change of the servers that unknown names are asked of: it makes the sockets by which those of the container's own are
 * asked in its network, and hands all of it to the relay, whose connections go on.
 */
#include "monitor/relay-servers.h"
#include "core/sys.h"
#include "monitor/relay-life.h"
#include "monitor/relay-setup.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>

static void forget(const struct relay_config *config)
{
	for (size_t i = 0; i < config->socket_count; i++)
		close(config->sockets[i].fd);
	free((void *)(uintptr_t)config->sockets);
	free((void *)(uintptr_t)config->upstreams);
	free((void *)(uintptr_t)config->resolv_conf);
}

/* 0, or a negative errno: it was not told. */
static int tell(const struct relay_process *relay, const struct relay_config *asked)
{
	int fds[RELAY_NETWORKS_MAX], file = memfd_create("servers", MFD_CLOEXEC);
	size_t count = 1;
	if (file < 0)
		return -errno;
	int error = relay_config_write(file, asked);
	fds[0] = file;
	for (size_t i = 0; i < asked->socket_count && count < RELAY_NETWORKS_MAX; i++)
		fds[count++] = asked->sockets[i].fd;
	if (!error)
		error = relay_tell(relay, &(struct relay_message){ .word = RELAY_SERVERS }, fds, count);
	close(file);
	return error;
}

/* What the one relay operation of a program says. */
static int read_servers(struct monitor *monitor, struct relay_config *wanted, const uint8_t *payload, size_t length)
{
	struct program program;
	struct cursor cursor = { 0 };
	struct field fields[FIELD_MAX];
	struct op op;
	uint32_t bad_op;
	int error = program_check(&program, payload, length, &bad_op);
	if (!error && !(program_next(&program, &cursor, &op) && op.kind == OP_RELAY))
		error = -EPROTO;
	if (!error)
		error = op_fields(&op, fields);
	return error ? error : relay_add_servers(monitor->state, wanted, fields);
}

/* A relay that has no room for the message is born anew, with these. */
int relay_set_servers(struct monitor *monitor, const uint8_t *payload, size_t length)
{
	const struct relay_process *relay = &monitor->relay;
	struct relay_config *config = &monitor->relay.config, wanted = { 0 };
	if (config->dns_udp < 0)
		return -ENOTCONN;
	int error = read_servers(monitor, &wanted, payload, length);
	if (error) {
		forget(&wanted);
		return error;
	}
	forget(config);
	config->upstreams = wanted.upstreams;
	config->upstream_count = wanted.upstream_count;
	config->resolv_conf = wanted.resolv_conf;
	config->resolv_conf_length = wanted.resolv_conf_length;
	config->sockets = wanted.sockets;
	config->socket_count = wanted.socket_count;
	if (relay->pidfd >= 0 && tell(relay, &wanted))
		sys_pidfd_send_signal(relay->pidfd, SIGKILL);
	return 0;
}
