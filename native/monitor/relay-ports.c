/*
 * The monitor's half of a change of published ports: what is new is bound first, so that nothing has changed where that fails, then the
 * relay is told. A socket whose port stays, or leads elsewhere from now on, is never closed: nobody can take it meanwhile.
 */
#include "monitor/relay-ports.h"
#include "core/clock.h"
#include "core/sys.h"
#include "monitor/relay-handover.h"
#include "monitor/relay-lessons.h"
#include "monitor/relay-life.h"
#include "monitor/relay-setup.h"
#include "monitor/relay-shortcut.h"

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Nanoseconds that a relay may take to close a listener: one that is stopped never does. */
#define RELAY_PATIENCE 1000000000ull

static int list_listeners(const struct relay_config *config, struct listeners *out)
{
	out->list = calloc(config->port_count + 1, sizeof *out->list);
	if (!out->list)
		return -ENOMEM;
	int error = 0;
	for (; !error && out->count < config->port_count; out->count += !error)
		error = listener_describe(config->ports[out->count].listener, &out->list[out->count]);
	return error;
}

static int bind_all(struct monitor *monitor, const struct program *program, struct relay_config *wanted,
		    struct listeners *before)
{
	struct cursor cursor = { 0 };
	struct field fields[FIELD_MAX];
	struct op op;
	while (program_next(program, &cursor, &op)) {
		int error = op.kind == OP_PUBLISH ? op_fields(&op, fields) : -EPROTO;
		if (!error)
			error = relay_add_ports(monitor, wanted, fields, before);
		if (error)
			return error;
	}
	return 0;
}

static bool is_taken(const struct listeners *before, int fd)
{
	for (size_t i = 0; i < before->count; i++)
		if (before->list[i].fd == fd)
			return true;
	return false;
}

/* A port that comes is told with its listener. 0 or a negative errno. */
static int tell_port(const struct relay_process *relay, enum relay_word word, const struct relay_port *port)
{
	const struct relay_message told = { .word = (uint8_t)word, .port = *port };
	return relay_tell(relay, &told, &port->listener, word == RELAY_PORT_COMES);
}

/* Until the relay has closed its copy of the listener. What else it says meanwhile is obeyed. */
static int await_closed(struct monitor *monitor)
{
	uint64_t until = boot_nanoseconds() + RELAY_PATIENCE, now;
	while ((now = boot_nanoseconds()) < until) {
		struct pollfd answer = { monitor->relay.channel, POLLIN, 0 };
		int ready = poll(&answer, 1, (int)((until - now) / 1000000) + 1);
		int word = ready > 0 ? relay_hear(monitor) : 0;
		if (word == RELAY_PORT_GOES)
			return 0;
		if (word < 0 && word != -EAGAIN)
			break;
	}
	return -ETIMEDOUT;
}

static bool is_same(const struct relay_port *one, const struct relay_port *other)
{
	return one->listener == other->listener && one->target_length == other->target_length &&
	       !memcmp(&one->target, &other->target, one->target_length);
}

/* Whether a port is in the other configuration too, looked for from where it stands here; it is one port then. */
static struct relay_port *find(const struct relay_config *config, const struct relay_port *port, size_t at)
{
	struct relay_port *ports = (struct relay_port *)(uintptr_t)config->ports;
	for (size_t i = 0; i < config->port_count; i++) {
		struct relay_port *each = &ports[(at + i) % config->port_count];
		if (is_same(each, port))
			return each;
	}
	return NULL;
}

/* Tells the relay, if one runs, what differs. A negative errno: it was not told of all. */
static int change(struct monitor *monitor, const struct relay_config *wanted)
{
	const struct relay_process *relay = &monitor->relay;
	const struct relay_config *old = &relay->config;
	bool runs = relay->pidfd >= 0;
	int error = 0;
	for (size_t i = 0; i < old->port_count; i++) {
		struct relay_port *stays = find(wanted, &old->ports[i], i);
		if (stays)
			stays->id = old->ports[i].id;
		else if (runs && !error && !(error = tell_port(relay, RELAY_PORT_GOES, &old->ports[i])))
			error = await_closed(monitor);
	}
	for (size_t i = 0; i < wanted->port_count && runs && !error; i++)
		if (!find(old, &wanted->ports[i], i))
			error = tell_port(relay, RELAY_PORT_COMES, &wanted->ports[i]);
	return error;
}

/* The relay that runs is told; one that has no room for it all is born anew. */
static void install(struct monitor *monitor, struct relay_config *wanted, const struct listeners *before)
{
	struct relay_process *relay = &monitor->relay;
	struct relay_config *config = &relay->config;
	int error = change(monitor, wanted);
	for (size_t i = 0; i < before->count; i++)
		if (!before->list[i].taken)
			close(before->list[i].fd);
	free((void *)(uintptr_t)config->ports);
	config->ports = wanted->ports;
	config->port_count = wanted->port_count;
	(void)relay_lead_past(monitor);
	if (relay->pidfd < 0)
		relay_spawn(monitor);
	else if (error)
		sys_pidfd_send_signal(relay->pidfd, SIGKILL);
}

/* `giver`: the socket of a monitor whose listeners are taken, too; NULL: nobody's. */
static int set_ports(struct monitor *monitor, const char *giver, const uint8_t *payload, size_t length)
{
	struct program program;
	struct relay_config wanted = { 0 };
	struct listeners before = { 0 };
	uint32_t bad_op;
	/* Without a relay operation it would be root. */
	if (!monitor->relay.config.uid)
		return -ENOTCONN;
	int error = program_check(&program, payload, length, &bad_op);
	if (!error)
		error = list_listeners(&monitor->relay.config, &before);
	size_t own = before.count;
	if (!error && giver)
		error = relay_ask_listeners(giver, &before);
	if (!error)
		error = bind_all(monitor, &program, &wanted, &before);
	if (!error) {
		install(monitor, &wanted, &before);
	} else {
		for (size_t i = 0; i < wanted.port_count; i++)
			if (!is_taken(&before, wanted.ports[i].listener))
				close(wanted.ports[i].listener);
		for (size_t i = own; i < before.count; i++)
			close(before.list[i].fd);
		free((void *)(uintptr_t)wanted.ports);
	}
	free(before.list);
	return error;
}

int relay_set_ports(struct monitor *monitor, const uint8_t *payload, size_t length)
{
	return set_ports(monitor, NULL, payload, length);
}

int relay_take_ports(struct monitor *monitor, const uint8_t *payload, size_t length)
{
	size_t path = strnlen((const char *)payload, length) + 1;
	return path > length ? -EPROTO : set_ports(monitor, (const char *)payload, payload + path, length - path);
}
