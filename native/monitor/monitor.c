/*
 * The monitor: parent of a container for as long as it lives, restarts included. It owes nothing to the engine that
 * started it: when that dies, everything here goes on.
 */
#include "monitor/monitor.h"
#include "core/sys.h"
#include "launch/sealed.h"
#include "monitor/connections.h"
#include "monitor/loop.h"
#include "monitor/relay-life.h"
#include "monitor/state.h"
#include "monitor/status.h"
#include "monitor/stdio.h"
#include "ops/namespaces.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>

static struct monitor *make_monitor(struct state *state)
{
	struct monitor *monitor = calloc(1, sizeof *monitor);
	if (!monitor)
		return NULL;
	monitor->state = state;
	monitor->listener = monitor->timer = monitor->children = monitor->stdin_writer = monitor->mounts = -1;
	monitor->relay.pidfd = monitor->log.fd = -1;
	monitor->relay.config.dns_udp = monitor->relay.config.dns_tcp = -1;
	monitor->relay.config.channel = monitor->relay.channel = monitor->relay.tables = -1;
	monitor->relay.egress_table = "";
	procfs_init(&monitor->procfs);
	monitor->exit_code = monitor->oom_watch = monitor->sleep.ears.any = -1;
	for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
		monitor->connections[i].fd = -1;
	return monitor;
}

static int open_log(struct monitor *monitor)
{
	const struct settings *settings = &monitor->settings;
	monitor->log.path = settings->log;
	monitor->log.max_size = settings->log_max_size;
	monitor->log.max_files = settings->log_max_files;
	return log_open(&monitor->log);
}

/* Everything that can fail before there is a container at all. */
static int prepare(struct monitor *monitor)
{
	struct state *state = monitor->state;
	int error = settings_read(&monitor->settings, state);
	/* One that the next engine cannot know by these would be taken for dead, and its container started once more. */
	if (!error)
		error = process_identity(monitor->boot_id, &monitor->own_start);
	if (!error)
		error = netns_remember_host();
	if (!error)
		error = enter_mounts(state);
	if (!error)
		error = sealed_for_init(state);
	if (!error && (error = open_log(monitor)))
		fail(state, error, monitor->settings.log);
	if (!error && (error = stdio_prepare(monitor)))
		fail(state, error, "stdio");
	monitor->timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (!error && monitor->timer < 0)
		error = -errno;
	if (!error && (monitor->children = relay_watch_children()) < 0)
		error = monitor->children;
	/* Before there are sockets that it would hold open. */
	if (!error && (error = guard_begin(&monitor->guard, monitor->settings.cgroup_kill)))
		fail(state, error, "guard");
	if (!error && (error = connections_listen(monitor)))
		fail(state, error, monitor->settings.socket);
	return error ? fail(state, error, NULL) : 0;
}

/* The status file stays; the socket would only mislead. */
static void tidy(struct monitor *monitor)
{
	relay_stop(monitor);
	procfs_stop(&monitor->procfs);
	guard_end(&monitor->guard);
	unlink(monitor->settings.socket);
}

int monitor_mode(struct state *state)
{
	struct monitor *monitor = make_monitor(state);
	signal(SIGPIPE, SIG_IGN);
	if (setsid() < 0 && errno != EPERM)
		return 125;
	prctl(PR_SET_NAME, "tscompose-mon");
	state->die_with_parent = true;
	int error = !monitor ? fail(state, ENOMEM, NULL) : read_program(state, PROGRAM_FD);
	if (!error)
		error = prepare(monitor);
	/* A container without a status file would be unknown to the next engine. */
	if (!error && (error = status_changed(monitor)))
		fail(state, error, monitor->settings.status);
	if (send_reply(state, REPLY_FD, -1) || error)
		return 1;
	close(PROGRAM_FD);
	close(REPLY_FD);
	loop_watch(monitor);
	tidy(monitor);
	return 0;
}
