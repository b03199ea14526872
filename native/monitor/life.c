/* The container's life: start, exit, restart by policy, end. Times are CLOCK_BOOTTIME's, which counts suspension too. */
#include "monitor/life.h"
#include "core/clock.h"
#include "core/io.h"
#include "core/sys.h"
#include "launch/parent.h"
#include "monitor/oom.h"
#include "monitor/output.h"
#include "monitor/relay-life.h"
#include "monitor/relay-setup.h"
#include "monitor/sleep.h"
#include "monitor/state.h"
#include "monitor/status.h"
#include "monitor/stdin.h"
#include "monitor/stdio.h"
#include "ops/stage.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define MILLISECOND 1000000ULL
#define DELAY_FIRST (100 * MILLISECOND)
#define DELAY_MAX (60000 * MILLISECOND)
/* A container that ran so long is well: the next delay is the first again. */
#define HEALTHY_RUN (10000 * MILLISECOND)
/* How often, and how many times, a killing that was announced is looked for. */
#define OOM_LOOK (20 * MILLISECOND)
#define OOM_LOOKS 100

/* From here on only the last bytes and words are waited for. */
static void finish(struct monitor *monitor)
{
	log_end(&monitor->log);
	sleep_forget(monitor);
	monitor->phase = PHASE_EXITED;
	monitor->restart_at = 0;
	monitor->end_at = boot_nanoseconds() + monitor->settings.patience;
}

/* As a shell would say it, and Docker does. */
static int code_of_failure(const struct failure *failure)
{
	if (failure->stage != STAGE_EXEC || failure->error == ETIMEDOUT || failure->error == ESRCH)
		return 128;
	return failure->error == ENOENT ? 127 : 126;
}

/* Runs the program from the outside stage on. Once the first time: what must outlive restarts. */
static int run_program(struct monitor *monitor)
{
	struct state *state = monitor->state;
	int error = 0;
	state->failure = (struct failure){ 0 };
	if (!monitor->set_up) {
		error = run_stage(state, STAGE_SETUP);
		if (!error)
			error = relay_prepare(monitor);
		monitor->set_up = !error;
	}
	if (!error)
		error = run_stage(state, STAGE_OUTSIDE);
	if (!error && (error = stdio_before_launch(monitor)))
		fail(state, error, "stdio");
	if (!error)
		error = procfs_begin(&monitor->procfs, state);
	if (!error)
		error = launch(state);
	/* When it could not start, nothing of its mounts is left. */
	monitor->holds_sources = !error;
	if (error)
		state_close_slots(state, false);
	if (state->proc >= 0)
		close(state->proc);
	state->proc = -1;
	return error;
}

void life_let_go(struct monitor *monitor)
{
	if (monitor->holds_sources)
		state_close_slots(monitor->state, false);
	monitor->holds_sources = false;
}

/* Whoever has this open hears of each change since he last asked. It holds the mounts as well, so it is closed when the container has ended. */
static int open_mounts(pid_t pid)
{
	char path[40];
	snprintf(path, sizeof path, "/proc/%d/mountinfo", (int)pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void started(struct monitor *monitor)
{
	monitor->phase = PHASE_RUNNING;
	monitor->exit_signal = 0;
	monitor->oom_killed = false;
	monitor->renewed = false;
	monitor->last_failure = (struct failure){ 0 };
	monitor->started_at = unix_nanoseconds();
	monitor->running_since = boot_nanoseconds();
	monitor->pid_start = monitor->state->process.start;
	monitor->mounts = open_mounts(monitor->state->process.pid);
	stdio_after_launch(monitor);
}

int life_start(struct monitor *monitor)
{
	monitor->oom_base = oom_kills(monitor->settings.oom_counter);
	if (monitor->oom_watch < 0)
		monitor->oom_watch = oom_watch(monitor->settings.oom_counter);
	int error = run_program(monitor);
	if (error) {
		monitor->last_failure = monitor->state->failure;
		monitor->exit_code = code_of_failure(&monitor->last_failure);
		monitor->finished_at = unix_nanoseconds();
		finish(monitor);
	} else {
		started(monitor);
	}
	status_changed(monitor);
	/* Nobody waits for it: what is asked before it listens is kept in its sockets. */
	if (!error)
		relay_spawn(monitor);
	return error;
}

/* True when processes were killed since it was looked last. */
static bool take_oom_kills(struct monitor *monitor)
{
	uint64_t kills = oom_kills(monitor->settings.oom_counter);
	bool more = kills > monitor->oom_base;
	monitor->oom_base = kills;
	monitor->oom_killed |= more;
	return more;
}

/* Of v1 the word comes before the deed: it is looked for a while. */
void life_look_for_oom(struct monitor *monitor)
{
	if (monitor->phase != PHASE_RUNNING)
		monitor->oom_looks = 0;
	else if (take_oom_kills(monitor)) {
		monitor->oom_looks = 0;
		status_changed(monitor);
	}
	monitor->oom_look_at = monitor->oom_looks ? boot_nanoseconds() + OOM_LOOK : 0;
	if (monitor->oom_looks)
		monitor->oom_looks--;
}

void life_heard_of_oom(struct monitor *monitor)
{
	oom_heard(monitor->oom_watch);
	monitor->oom_looks = OOM_LOOKS;
	life_look_for_oom(monitor);
}

/* One that was to be renewed has failed, whatever code it ended with. */
static bool wants_restart(const struct monitor *monitor)
{
	const struct settings *settings = &monitor->settings;
	if (monitor->stopped)
		return false;
	if (settings->restart == RESTART_POLICY_ON_FAILURE)
		return (monitor->exit_code || monitor->renewed) &&
		       (!settings->restart_max || monitor->restart_count < settings->restart_max);
	return settings->restart != RESTART_POLICY_NO || monitor->renewed;
}

static void plan_restart(struct monitor *monitor)
{
	uint64_t now = boot_nanoseconds();
	if (!monitor->restart_delay || now - monitor->running_since >= HEALTHY_RUN)
		monitor->restart_delay = DELAY_FIRST;
	else
		monitor->restart_delay = monitor->restart_delay * 2 > DELAY_MAX ? DELAY_MAX : monitor->restart_delay * 2;
	monitor->phase = PHASE_RESTARTING;
	monitor->restart_at = now + monitor->restart_delay;
}

/* PID 1 is gone. The kernel ends its pid namespace; processes in a shared one are ended here. */
void life_exited(struct monitor *monitor)
{
	struct state *state = monitor->state;
	int status = 0;
	if (waitpid(state->process.pid, &status, WNOHANG) != state->process.pid)
		return;
	if (monitor->settings.cgroup_kill[0] && !state->own_pids)
		(void)write_file(AT_FDCWD, monitor->settings.cgroup_kill, "1", 1);
	if (monitor->mounts >= 0)
		close(monitor->mounts);
	monitor->mounts = -1;
	output_drain(monitor);
	stdin_end(monitor);
	process_forget(&state->process);
	monitor->exit_signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	monitor->exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	monitor->finished_at = unix_nanoseconds();
	(void)take_oom_kills(monitor);
	if (sleep_goes_on(monitor))
		;
	else if (wants_restart(monitor))
		plan_restart(monitor);
	else
		finish(monitor);
	status_changed(monitor);
}

/* The delay is over. A restart that fails is the end: nothing would be another the next time. */
void life_restart(struct monitor *monitor)
{
	monitor->restart_at = 0;
	if (!sleep_is_over(monitor))
		monitor->restart_count++;
	life_start(monitor);
}

int life_signal(struct monitor *monitor, int number, bool manual, bool renewed)
{
	monitor->renewed |= renewed && monitor->phase == PHASE_RUNNING;
	if (monitor->sleep.depth == FROZEN)
		sleep_wake(monitor);
	if (manual && !monitor->stopped) {
		monitor->stopped = true;
		if (monitor->phase == PHASE_RESTARTING) {
			/* One that slept on without a run counted as running until now. */
			if (monitor->sleep.depth == STOPPED)
				monitor->finished_at = unix_nanoseconds();
			finish(monitor);
		}
		status_changed(monitor);
	}
	if (monitor->phase == PHASE_RUNNING)
		return sys_pidfd_send_signal(monitor->state->process.pidfd, number);
	return monitor->phase == PHASE_EXITED && manual ? 0 : -ESRCH;
}
