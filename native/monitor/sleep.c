/*
 * A container sleeps as long as nobody comes to it. Who comes is seen by packet sockets in its network, which the engine's filter lets those through that count: whichever way a
 * client takes, it is a packet there in the end. Of one that stands still the kernel answers meanwhile, so that nothing is lost; of one that has been ended it would refuse, which
 * a table holds back that the engine has compiled, until the next run has had time to listen: who tries again then is taken. When to sleep the engine decides; to wake needs none.
 */
#include "monitor/sleep.h"
#include "core/clock.h"
#include "core/io.h"
#include "core/protocol.h"
#include "core/sys.h"
#include "monitor/status.h"
#include "ops/namespaces.h"
#include "ops/netlink.h"

#include <arpa/inet.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define MILLISECOND 1000000ULL
/* How long a run that was begun by a client has to listen. */
#define REFUSALS_HELD (120000 * MILLISECOND)

static void forget_ears(struct sleep *sleep)
{
	for (; sleep->ear_count; sleep->ear_count--)
		close(sleep->ears[sleep->ear_count - 1]);
	if (sleep->any >= 0)
		close(sleep->any);
	sleep->any = -1;
}

static int set_filter(int fd, const uint8_t *filter, size_t length)
{
	struct sock_fprog program = { (unsigned short)(length / sizeof(struct sock_filter)), (struct sock_filter *)(uintptr_t)filter };
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) ? -errno : 0;
}

/* Bound to its interface, what others send costs nothing; what the container sends is not looked at. */
static int open_ear(unsigned interface, const uint8_t *filter, size_t length)
{
	const struct sockaddr_ll place = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)interface,
	};
	int one = 1, fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	int error = set_filter(fd, filter, length);
	if (!error && (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one) ||
		       bind(fd, (const struct sockaddr *)&place, sizeof place)))
		error = -errno;
	if (error)
		close(fd);
	return error ? error : fd;
}

/* One for each interface but loopback, in the namespace that we are in now. */
static int open_ears(struct sleep *sleep, const uint8_t *filter, size_t length)
{
	struct if_nameindex *all = if_nameindex();
	int error = all ? 0 : -errno;
	for (struct if_nameindex *each = all; !error && each->if_index; each++) {
		if (!strcmp(each->if_name, "lo"))
			continue;
		int fd = sleep->ear_count < EARS_MAX ? open_ear(each->if_index, filter, length) : -EMFILE;
		if (fd < 0) {
			error = fd;
			break;
		}
		sleep->ears[sleep->ear_count++] = fd;
		struct epoll_event event = { .events = EPOLLIN };
		if (epoll_ctl(sleep->any, EPOLL_CTL_ADD, fd, &event))
			error = -errno;
	}
	if (all)
		if_freenameindex(all);
	return error;
}

static bool has_heard(const struct sleep *sleep)
{
	struct pollfd any = { sleep->any, POLLIN, 0 };
	return sleep->heard || (sleep->any >= 0 && poll(&any, 1, 0) > 0);
}

/* Looks out from now on. Interfaces come and go: it begins anew each time. */
static int listen_anew(struct monitor *monitor, const uint8_t *filter, size_t length)
{
	struct sleep *sleep = &monitor->sleep;
	forget_ears(sleep);
	sleep->heard = false;
	sleep->any = epoll_create1(EPOLL_CLOEXEC);
	int error = sleep->any < 0 ? -errno : netns_enter(CONTAINER_NETNS);
	if (!error) {
		error = open_ears(sleep, filter, length);
		int back = netns_enter(HOST_NETNS);
		error = error ? error : back;
	}
	if (error)
		forget_ears(sleep);
	return error;
}

/* Whether nobody has come since it was asked last; looks out in any case. */
static int watch(struct monitor *monitor, const uint8_t *filter, size_t length)
{
	struct sleep *sleep = &monitor->sleep;
	if (sleep->depth != AWAKE || monitor->phase != PHASE_RUNNING)
		return -EBUSY;
	bool quiet = sleep->any >= 0 && !has_heard(sleep);
	int error = listen_anew(monitor, filter, length);
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
	if (sleep->any < 0 || has_heard(sleep))
		return -EAGAIN;
	for (unsigned i = 0; i < sleep->ear_count; i++) {
		int error = set_filter(sleep->ears[i], filter, length);
		if (error)
			return error;
	}
	int error = set_frozen(monitor, true);
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
	return monitor->sleep.any;
}

void sleep_heard(struct monitor *monitor)
{
	/* Once is enough: what follows costs nothing any more until it is asked for anew. */
	forget_ears(&monitor->sleep);
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
	forget_ears(sleep);
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
