#include "monitor/loop.h"
#include "core/clock.h"
#include "core/sys.h"
#include "monitor/connections.h"
#include "monitor/life.h"
#include "monitor/output.h"
#include "monitor/relay-lessons.h"
#include "monitor/relay-life.h"
#include "monitor/requests.h"
#include "monitor/sleep.h"
#include "monitor/state.h"
#include "monitor/status.h"
#include "monitor/stdin.h"

#include <poll.h>
#include <sys/timerfd.h>

/* How long a container that nobody has spoken to waits for its start. */
#define ORPHAN_WAIT 30000

enum { LISTENER, TIMER, PROCESS, RELAY, RELAY_SAYS, PROCFS_ASKED, OOM, CHILDREN, EARS, STDOUT, STDERR, STDIN, CONNECTIONS, POLLS = CONNECTIONS + CONNECTIONS_MAX };

static void earlier(uint64_t *first, uint64_t time)
{
	if (time && (!*first || time < *first))
		*first = time;
}

/* One timer for whatever comes first; set once a turn, and only when that has changed. */
static void arm_timer(struct monitor *monitor, uint64_t held_until)
{
	uint64_t first = 0;
	earlier(&first, monitor->restart_at);
	earlier(&first, monitor->relay.respawn_at);
	earlier(&first, monitor->procfs.rest_until);
	earlier(&first, monitor->oom_look_at);
	earlier(&first, sleep_due(monitor));
	earlier(&first, monitor->end_at);
	earlier(&first, monitor->log.retry_at);
	earlier(&first, held_until);
	if (first == monitor->timer_at)
		return;
	const struct itimerspec spec = {
		.it_value = { (time_t)(first / 1000000000u), (long)(first % 1000000000u) },
	};
	if (!timerfd_settime(monitor->timer, TFD_TIMER_ABSTIME, &spec, NULL))
		monitor->timer_at = first;
}

static void fill_polls(const struct monitor *monitor, struct pollfd polls[POLLS], bool held)
{
	const int fds[CONNECTIONS] = {
		monitor->listener,	monitor->timer,		monitor->state->process.pidfd,
		monitor->relay.pidfd,	monitor->relay.channel,	procfs_asked(&monitor->procfs),
		monitor->oom_watch,	monitor->children,	sleep_ears(monitor),
		held ? -1 : monitor->streams[0].fd,
		held ? -1 : monitor->streams[1].fd,
		monitor->stdin_pending.length ? monitor->stdin_writer : -1,
	};
	bool full = stdin_full(monitor);
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
	monitor->timer_at = 0;
	if (monitor->restart_at && monitor->restart_at <= now)
		life_restart(monitor);
	if (monitor->relay.respawn_at && monitor->relay.respawn_at <= now) {
		monitor->relay.respawn_at = 0;
		relay_spawn(monitor);
	}
	if (monitor->procfs.rest_until && monitor->procfs.rest_until <= now)
		procfs_wake(&monitor->procfs, monitor->state, 0);
	sleep_serve(monitor, now);
	if (monitor->oom_look_at && monitor->oom_look_at <= now)
		life_look_for_oom(monitor);
	if (monitor->log.retry_at && monitor->log.retry_at <= now)
		log_flush(&monitor->log);
	connections_let_go(monitor, now);
	if (monitor->log.told != monitor->log.dropped)
		status_changed(monitor);
}

static void serve(struct monitor *monitor, const struct pollfd polls[POLLS])
{
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		if (polls[CONNECTIONS + i].revents)
			requests_serve(monitor, &monitor->connections[i], polls[CONNECTIONS + i].revents);
	for (int i = 0; i < 2; i++)
		if (polls[STDOUT + i].revents)
			output_read(monitor, &monitor->streams[i]);
	if (polls[STDIN].revents)
		stdin_flush(monitor);
	if (polls[PROCESS].revents)
		life_exited(monitor);
	if (polls[RELAY_SAYS].revents & POLLIN)
		(void)relay_hear(monitor);
	if (polls[RELAY].revents)
		relay_ended(monitor);
	if (polls[PROCFS_ASKED].revents)
		procfs_wake(&monitor->procfs, monitor->state, polls[PROCFS_ASKED].revents);
	if (polls[OOM].revents)
		life_heard_of_oom(monitor);
	if (polls[CHILDREN].revents) {
		relay_continue(monitor);
		guard_tend(&monitor->guard, monitor->settings.cgroup_kill);
		procfs_reap(&monitor->procfs);
	}
	if (polls[EARS].revents)
		sleep_heard(monitor);
	if (polls[TIMER].revents)
		serve_timer(monitor);
	if (polls[LISTENER].revents)
		connections_accept(monitor);
	life_let_go(monitor);
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
	return monitor->phase == PHASE_EXITED && (connections_flushed(monitor) || boot_nanoseconds() >= monitor->end_at);
}

void loop_watch(struct monitor *monitor)
{
	struct pollfd polls[POLLS];
	while (!ended(monitor)) {
		uint64_t held_until = connections_held_until(monitor);
		arm_timer(monitor, held_until);
		fill_polls(monitor, polls, held_until);
		int ready = poll(polls, POLLS, monitor->phase == PHASE_CREATED ? ORPHAN_WAIT : -1);
		if (ready < 0 && errno != EINTR)
			return;
		if (ready > 0)
			serve(monitor, polls);
		if (ready >= 0 && orphaned(monitor, ready))
			return;
	}
}
