/*
 * The monitor: parent of a container for as long as it lives, restarts included. It owes nothing to the engine that
 * started it: when that dies, everything here goes on.
 */
#include "monitor/state.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

/* How long a container that nobody has spoken to waits for its start. */
#define ORPHAN_WAIT 30000

enum { LISTENER, TIMER, PROCESS, RELAY, CHILDREN, STDOUT, STDERR, STDIN, CONNECTIONS, POLLS = CONNECTIONS + CONNECTIONS_MAX };

static void read_settings(struct settings *settings, const struct field *f)
{
	*settings = (struct settings){
		.socket = field_text(&f[MONITOR_SOCKET]),
		.status = field_text(&f[MONITOR_STATUS]),
		.log = field_text(&f[MONITOR_LOG]),
		.log_max_size = f[MONITOR_LOG_MAX_SIZE].number,
		.log_max_files = f[MONITOR_LOG_MAX_FILES].number ? (uint32_t)f[MONITOR_LOG_MAX_FILES].number : 1,
		.tty = f[MONITOR_TTY].number,
		.open_stdin = f[MONITOR_OPEN_STDIN].number,
		.stdin_once = f[MONITOR_STDIN_ONCE].number,
		.owner_uid = (uid_t)f[MONITOR_OWNER_UID].number,
		.owner_gid = (gid_t)f[MONITOR_OWNER_GID].number,
		.restart = (uint32_t)f[MONITOR_RESTART].number,
		.restart_max = (uint32_t)f[MONITOR_RESTART_MAX].number,
		.oom_counter = field_text(&f[MONITOR_OOM_COUNTER]),
		.cgroup_kill = field_text(&f[MONITOR_CGROUP_KILL]),
		.rows = (uint16_t)f[MONITOR_ROWS].number,
		.cols = (uint16_t)f[MONITOR_COLS].number,
		.patience = f[MONITOR_PATIENCE].number * 1000000u,
	};
}

static int find_settings(struct monitor *monitor)
{
	struct state *state = monitor->state;
	struct cursor cursor = { 0 };
	struct field fields[FIELD_MAX];
	struct op op;
	while (program_next(&state->program, &cursor, &op)) {
		if (op.kind != OP_MONITOR)
			continue;
		state->current = op;
		int error = op_fields(&op, fields);
		if (!error)
			read_settings(&monitor->settings, fields);
		return error;
	}
	return fail(state, EPROTO, "no monitor operation");
}

static struct monitor *make_monitor(struct state *state)
{
	struct monitor *monitor = calloc(1, sizeof *monitor);
	if (!monitor)
		return NULL;
	monitor->state = state;
	monitor->listener = monitor->timer = monitor->children = monitor->stdin_writer = monitor->relay.pidfd = monitor->log.fd = -1;
	monitor->relay.config.dns_udp = monitor->relay.config.dns_tcp = -1;
	monitor->relay.config.channel = monitor->relay.channel = -1;
	monitor->exit_code = -1;
	for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
		monitor->connections[i].fd = -1;
	read_boot_id(monitor->boot_id);
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
	int error = find_settings(monitor);
	if (!error)
		error = netns_remember_host();
	if (!error)
		error = enter_private_mounts(state);
	if (!error)
		error = prepare_self(state);
	if (!error && (error = open_log(monitor)))
		fail(state, error, monitor->settings.log);
	if (!error && (error = stdio_prepare(monitor)))
		fail(state, error, "stdio");
	monitor->timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (!error && monitor->timer < 0)
		error = -errno;
	if (!error && (monitor->children = relay_watch_children()) < 0)
		error = monitor->children;
	if (!error && (error = control_listen(monitor)))
		fail(state, error, monitor->settings.socket);
	return error ? fail(state, error, NULL) : 0;
}

static void fill_polls(struct monitor *monitor, struct pollfd polls[POLLS])
{
	bool held = control_held_until(monitor);
	const int fds[CONNECTIONS] = {
		monitor->listener,	monitor->timer,		monitor->state->process.pidfd,
		monitor->relay.pidfd,	monitor->children,	held ? -1 : monitor->streams[0].fd,
		held ? -1 : monitor->streams[1].fd,
		monitor->stdin_pending.length ? monitor->stdin_writer : -1,
	};
	bool full = stdio_full(monitor);
	for (int i = 0; i < CONNECTIONS; i++)
		polls[i] = (struct pollfd){ fds[i], i == STDIN ? POLLOUT : POLLIN, 0 };
	for (int i = 0; i < CONNECTIONS_MAX; i++) {
		const struct connection *connection = &monitor->connections[i];
		short events = connection->out.length ? POLLOUT : 0;
		if (!full || !connection->fed_stdin)
			events |= POLLIN;
		polls[CONNECTIONS + i] = (struct pollfd){ connection->fd, events, 0 };
	}
}

static void serve_timer(struct monitor *monitor)
{
	uint64_t expirations, now = boot_nanoseconds();
	if (read(monitor->timer, &expirations, sizeof expirations) < 0)
		return;
	if (monitor->restart_at && monitor->restart_at <= now)
		life_restart(monitor);
	if (monitor->relay.respawn_at && monitor->relay.respawn_at <= now) {
		monitor->relay.respawn_at = 0;
		relay_spawn(monitor);
	}
	if (monitor->log.retry_at && monitor->log.retry_at <= now)
		log_flush(&monitor->log);
	control_let_go(monitor, now);
	if (monitor->log.told != monitor->log.dropped)
		status_changed(monitor);
	life_arm_timer(monitor);
}

static void serve(struct monitor *monitor, const struct pollfd polls[POLLS])
{
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		if (polls[CONNECTIONS + i].revents)
			control_serve(monitor, &monitor->connections[i], polls[CONNECTIONS + i].revents);
	for (int i = 0; i < 2; i++)
		if (polls[STDOUT + i].revents)
			stdio_read(monitor, &monitor->streams[i]);
	if (polls[STDIN].revents)
		stdio_flush_stdin(monitor);
	if (polls[PROCESS].revents)
		life_exited(monitor);
	if (polls[RELAY].revents)
		relay_ended(monitor);
	if (polls[CHILDREN].revents)
		relay_continue(monitor);
	if (polls[TIMER].revents)
		serve_timer(monitor);
	if (polls[LISTENER].revents)
		control_accept(monitor);
}

/* A container that was never started is nobody's when its engine has gone. */
static bool orphaned(const struct monitor *monitor, int ready)
{
	if (monitor->phase != PHASE_CREATED || monitor->connection_count)
		return false;
	return monitor->had_connection || ready == 0;
}

static bool ended(const struct monitor *monitor)
{
	return monitor->phase == PHASE_EXITED && (control_flushed(monitor) || boot_nanoseconds() >= monitor->end_at);
}

static void watch(struct monitor *monitor)
{
	struct pollfd polls[POLLS];
	while (!ended(monitor)) {
		fill_polls(monitor, polls);
		int ready = poll(polls, POLLS, monitor->phase == PHASE_CREATED ? ORPHAN_WAIT : -1);
		if (ready < 0 && errno != EINTR)
			return;
		if (ready > 0)
			serve(monitor, polls);
		if (ready >= 0 && orphaned(monitor, ready))
			return;
	}
}

/* The status file stays; the socket would only mislead. Where nobody reaps what we leave, the relay would stay for ever. */
static void tidy(struct monitor *monitor)
{
	if (monitor->relay.pidfd >= 0 && !sys_pidfd_send_signal(monitor->relay.pidfd, SIGKILL))
		while (waitpid(monitor->relay.pid, NULL, 0) < 0 && errno == EINTR)
			;
	unlink(monitor->settings.socket);
}

int monitor_mode(struct state *state)
{
	struct monitor *monitor = make_monitor(state);
	signal(SIGPIPE, SIG_IGN);
	if (setsid() < 0 && errno != EPERM)
		return 125;
	prctl(PR_SET_NAME, "tscompose-mon");
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
	watch(monitor);
	tidy(monitor);
	return 0;
}
