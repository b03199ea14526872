/*
 * Fuzz target: whatever frames come to a monitor, it obeys those that are whole and right, and answers. The first byte says in which
 * phase it is, and in how many pieces the rest comes. It has no program: a start fails, as one of a broken program would.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "monitor/connections.h"
#include "monitor/ears.h"
#include "monitor/requests.h"
#include "monitor/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct monitor *make(uint8_t phase)
{
	struct monitor *monitor = calloc(1, sizeof *monitor);
	struct state *state = calloc(1, sizeof *state);
	if (!monitor || !state)
		abort();
	state_init(state);
	monitor->state = state;
	monitor->settings = (struct settings){
		.socket = "", .status = "/dev/null/none", .log = "", .oom_counter = "", .cgroup_kill = "",
		.open_stdin = true, .patience = 1
	};
	monitor->log.path = "";
	monitor->log.fd = monitor->listener = monitor->timer = monitor->children = monitor->relay.pidfd = -1;
	monitor->relay.config.dns_udp = phase & 4 ? 0 : -1;
	monitor->relay.config.dns_tcp = monitor->relay.channel = -1;
	monitor->streams[0].fd = monitor->streams[1].fd = -1;
	monitor->stdin_writer = phase & 8 ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
	monitor->phase = phase & 3;
	monitor->sleep.ears.any = -1;
	monitor->sleep.depth = phase & 32 ? FROZEN : AWAKE;
	state->process.pid = state->process.pidfd = state->process.terminal = -1;
	for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
		monitor->connections[i].fd = -1;
	return monitor;
}

static void unmake(struct monitor *monitor)
{
	struct state *state = monitor->state;
	connection_drop(monitor, &monitor->connections[0]);
	if (monitor->stdin_writer >= 0)
		close(monitor->stdin_writer);
	for (size_t i = 0; i < monitor->relay.config.names_folder_count; i++)
		close(monitor->relay.config.names_folders[i]);
	free((void *)(uintptr_t)monitor->relay.config.names_folders);
	ears_close(&monitor->sleep.ears);
	free(monitor->sleep.release.bytes);
	free(monitor->stdin_pending.bytes);
	free(state->results.bytes);
	if (state->null >= 0)
		close(state->null);
	if (state->null_mount >= 0)
		close(state->null_mount);
	free(state);
	free(monitor);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	uint8_t answers[65536];
	int ends[2];
	if (size < 1 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends))
		return 0;
	struct monitor *monitor = make(bytes[0]);
	struct connection *connection = &monitor->connections[0];
	connection->fd = ends[1];
	monitor->connection_count = 1;
	size_t piece = bytes[0] & 16 ? 1 + bytes[0] / 32u : size;
	for (size_t at = 1; at < size && connection->fd >= 0; at += piece) {
		size_t count = size - at < piece ? size - at : piece;
		if (send(ends[0], bytes + at, count, MSG_NOSIGNAL) != (ssize_t)count)
			break;
		requests_serve(monitor, connection, POLLIN | POLLOUT);
		while (recv(ends[0], answers, sizeof answers, 0) > 0)
			;
	}
	unmake(monitor);
	close(ends[0]);
	return 0;
}
