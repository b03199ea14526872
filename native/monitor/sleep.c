/*
 * A container sleeps as long as nobody comes to it (ears.c). Of one that stands still the kernel answers meanwhile, so that nothing is lost; of one that has been ended it would
 * refuse, which a table holds back that the engine has compiled, until the next run has had time to listen: who tries again then is taken. When to sleep the engine decides; to
 * wake needs none.
 */
#include "monitor/sleep.h"
#include "core/clock.h"
#include "core/io.h"
#include "core/protocol.h"
#include "core/sys.h"
#include "monitor/status.h"
#include "ops/netlink.h"

#include <limits.h>
#include <linux/netlink.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MILLISECOND 1000000ULL
/* How long a run that was begun by a client has to listen. */
#define REFUSALS_HELD (120000 * MILLISECOND)

/* Somebody has come since it was asked last. */
static bool has_heard(const struct sleep *sleep)
{
	return sleep->heard || ears_hear(&sleep->ears);
}

/* Whether nobody has come since it was asked last; looks out in any case. */
static int watch(struct monitor *monitor, const uint8_t *filter, size_t length)
{
	struct sleep *sleep = &monitor->sleep;
	if (sleep->depth != AWAKE || monitor->phase != PHASE_RUNNING)
		return -EBUSY;
	bool quiet = ears_are_open(&sleep->ears) && !has_heard(sleep);
	sleep->heard = false;
	int error = ears_open(&sleep->ears, filter, length);
	return error ? error : quiet ? 0 : -EAGAIN;
}

static int set_frozen(const struct monitor *monitor, bool frozen)
{
	/* cgroup.freeze stands beside cgroup.kill. */
	const char *kill = monitor->settings.cgroup_kill;
	const char *slash = strrchr(kill, '/');
	char path[PATH_MAX];
	if (!slash || snprintf(path, sizeof path, "%.*s/cgroup.freeze", (int)(slash - kill), kill) >= (int)sizeof path)
		return -EOPNOTSUPP;
	return write_file(AT_FDCWD, path, frozen ? "1" : "0", 1);
}

/*
 * Stands still, if nobody has come. Other packets count from here on, since who is connected already may have gone on sending: who sends between the two filters is still to be
 * answered when it wakes.
 */
static int freeze(struct monitor *monitor, const uint8_t *filter, size_t length)
{
	struct sleep *sleep = &monitor->sleep;
	if (sleep->depth != AWAKE || monitor->phase != PHASE_RUNNING)
		return -EBUSY;
	if (!ears_are_open(&sleep->ears) || has_heard(sleep))
		return -EAGAIN;
	int error = ears_set_filter(&sleep->ears, filter, length);
	if (!error)
		error = set_frozen(monitor, true);
	if (error)
		return error;
	sleep->depth = FROZEN;
	status_changed(monitor);
	return 0;
}

static int change_tables(struct monitor *monitor, const uint8_t *bytes, size_t length)
{
	const struct field none = { 0 };
	int fd = netlink_open(true, NETLINK_NETFILTER);
	if (fd < 0)
		return fd;
	int error = netlink_transact(monitor->state, fd, &(struct field){ .data = bytes, .length = (uint32_t)length }, &none);
	close(fd);
	return error;
}

/* Refusals go again, as they do of any container. */
static void let_refuse(struct monitor *monitor)
{
	struct sleep *sleep = &monitor->sleep;
	/* Why a run has failed is still to be told. */
	const struct failure failure = monitor->state->failure;
	if (sleep->release.length)
		(void)change_tables(monitor, sleep->release.bytes, sleep->release.length);
	monitor->state->failure = failure;
	free(sleep->release.bytes);
	sleep->release = (struct buffer){ 0 };
	sleep->release_at = 0;
}

/* Ends a run that stands still: `grace` in milliseconds; bytes: length of what holds refusals back, that, and what lets them go. */
static int end_run(struct monitor *monitor, uint32_t number, const uint8_t *bytes, size_t length)
{
	struct sleep *sleep = &monitor->sleep;
	size_t held = length >= 8 ? load_u32(bytes + 4) : SIZE_MAX;
	if (sleep->depth != FROZEN)
		return -EBUSY;
	if (length < 8 || held > length - 8)
		return -EPROTO;
	let_refuse(monitor);
	int error = buffer_append(&sleep->release, bytes + 8 + held, length - 8 - held, FRAME_MAX);
	if (!error)
		error = change_tables(monitor, bytes + 8, held);
	if (error) {
		free(sleep->release.bytes);
		sleep->release = (struct buffer){ 0 };
		return error;
	}
	sleep->depth = STOPPED;
	sleep->kill_at = boot_nanoseconds() + load_u32(bytes) * MILLISECOND;
	(void)set_frozen(monitor, false);
	sys_pidfd_send_signal(monitor->state->process.pidfd, (int)number);
	return 0;
}

int sleep_request(struct monitor *monitor, const uint8_t *payload, size_t length)
{
	uint32_t number = load_u32(payload + 4);
	const uint8_t *bytes = payload + 8;
	length -= 8;
	switch (load_u32(payload)) {
	case SLEEP_WAKE:
		sleep_wake(monitor);
		return 0;
	case SLEEP_WATCH:
		return watch(monitor, bytes, length);
	case SLEEP_FREEZE:
		return freeze(monitor, bytes, length);
	case SLEEP_END:
		return end_run(monitor, number, bytes, length);
	default:
		return -EPROTO;
	}
}

int sleep_ears(const struct monitor *monitor)
{
	return monitor->sleep.ears.any;
}

void sleep_heard(struct monitor *monitor)
{
	/* Once is enough: what follows costs nothing any more until it is asked for anew. */
	ears_close(&monitor->sleep.ears);
	monitor->sleep.heard = true;
	sleep_wake(monitor);
}

void sleep_wake(struct monitor *monitor)
{
	struct sleep *sleep = &monitor->sleep;
	sleep->heard = true;
	if (sleep->depth == FROZEN) {
		(void)set_frozen(monitor, false);
		sleep->depth = AWAKE;
		status_changed(monitor);
	} else if (sleep->depth == STOPPED && monitor->phase == PHASE_RESTARTING) {
		monitor->restart_at = boot_nanoseconds();
	}
	/* One that is about to end is begun anew when it has. */
}

void sleep_forget(struct monitor *monitor)
{
	struct sleep *sleep = &monitor->sleep;
	ears_close(&sleep->ears);
	/* The next run is not to be born frozen. */
	if (sleep->depth == FROZEN)
		(void)set_frozen(monitor, false);
	sleep->depth = AWAKE;
	sleep->kill_at = 0;
	let_refuse(monitor);
}

bool sleep_goes_on(struct monitor *monitor)
{
	struct sleep *sleep = &monitor->sleep;
	bool ended = sleep->depth == STOPPED && !monitor->stopped;
	if (!ended) {
		sleep_forget(monitor);
		return false;
	}
	sleep->kill_at = 0;
	monitor->phase = PHASE_RESTARTING;
	/* Somebody has come meanwhile. */
	monitor->restart_at = sleep->heard ? boot_nanoseconds() : 0;
	return true;
}

bool sleep_is_over(struct monitor *monitor)
{
	struct sleep *sleep = &monitor->sleep;
	if (sleep->depth != STOPPED)
		return false;
	sleep->depth = AWAKE;
	sleep->release_at = boot_nanoseconds() + REFUSALS_HELD;
	return true;
}

uint64_t sleep_due(const struct monitor *monitor)
{
	const struct sleep *sleep = &monitor->sleep;
	return sleep->kill_at ? sleep->kill_at : sleep->release_at;
}

void sleep_serve(struct monitor *monitor, uint64_t now)
{
	struct sleep *sleep = &monitor->sleep;
	if (sleep->kill_at && sleep->kill_at <= now) {
		sleep->kill_at = 0;
		sys_pidfd_send_signal(monitor->state->process.pidfd, SIGKILL);
	}
	if (sleep->release_at && sleep->release_at <= now)
		let_refuse(monitor);
}
