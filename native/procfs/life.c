/*
 * The /proc files of a container, as its monitor sees them. It holds their connection, so the death of the server that answers is no error to
 * anybody: who reads waits until the next one has it. One server is asked by all monitors of an engine (procfs/door.h).
 */
#include "procfs/life.h"
#include "core/clock.h"
#include "core/io.h"
#include "core/sys.h"
#include "procfs/config.h"
#include "procfs/door.h"

#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

/* Nobody ends so soon who has nothing to do. */
#define SHORT_LIFE 1000000000ULL
/* Until one is asked again that was lost so soon, or cannot be had now. */
#define PAUSE_FIRST 20000000ULL
#define PAUSE_MAX SHORT_LIFE
#define SETTLE_MS 20
#define SETTLE_TIMES 50

void procfs_init(struct procfs *procfs)
{
	*procfs = (struct procfs){ .fuse = -1, .shared = -1, .channel = -1 };
}

/* The operation that says what the server reads; false: there is none. */
static bool settings_of(struct state *state, struct field fields[FIELD_MAX])
{
	struct cursor cursor = { 0 };
	struct op op;
	while (program_next(&state->program, &cursor, &op))
		if (op.kind == OP_PROC_SERVER)
			return !op_fields(&op, fields);
	return false;
}

/* Nanoseconds from our clock of boottime to that of the children we bear; 0 on kernels whose clocks are all the same. */
static int clock_of_children(int64_t *nanoseconds)
{
	static const char path[] = "/proc/self/timens_offsets";
	char text[256], *end;
	*nanoseconds = 0;
	if (!read_text(path, text, sizeof text))
		return access(path, F_OK) ? 0 : -EIO;
	const char *line = strstr(text, "boottime");
	if (line) {
		*nanoseconds = strtoll(line + strlen("boottime"), &end, 10) * 1000000000;
		*nanoseconds += strtoll(end, NULL, 10);
	}
	return 0;
}

static int make_shared(const struct field *f)
{
	struct procfs_shared first = { .together = f[PROC_SERVER_TOGETHER].number, .owner = (uid_t)f[PROC_SERVER_OWNER].number };
	int fd = clock_of_children(&first.clock);
	if (!fd && (fd = memfd_create("procfs", MFD_CLOEXEC)) < 0)
		fd = -errno;
	if (fd < 0)
		return fd;
	/* All behind the beginning is empty. */
	if (pwrite(fd, &first, offsetof(struct procfs_shared, request), 0) < 0 || ftruncate(fd, sizeof first)) {
		int error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

/* Whether a server has taken a request and not answered. */
static bool begun(const struct procfs *procfs)
{
	uint32_t length = 0;
	return pread(procfs->shared, &length, sizeof length, offsetof(struct procfs_shared, request)) == sizeof length && length;
}

/* Longer each time, until a server has been well. */
static void rest(struct procfs *procfs)
{
	procfs->pause = !procfs->pause ? PAUSE_FIRST : procfs->pause * 2 > PAUSE_MAX ? PAUSE_MAX : procfs->pause * 2;
	procfs->rest_until = boot_nanoseconds() + procfs->pause;
}

static void ask_server(struct procfs *procfs, struct state *state)
{
	struct field fields[FIELD_MAX];
	bool known = settings_of(state, fields);
	procfs->handed = boot_nanoseconds();
	procfs->channel = known ? door_enter(state, fields, procfs->servers) : -EPROTO;
	if (procfs->channel >= 0 && door_hand_over(procfs->channel, procfs->fuse, procfs->shared, &fields[PROC_SERVER_SOURCES])) {
		close(procfs->channel);
		procfs->channel = -1;
	}
	if (procfs->channel < 0)
		rest(procfs);
}

/* It ended, as it does when it has nothing to do: then the next reader has one asked. Or it died. */
static void lost(struct procfs *procfs, struct state *state)
{
	close(procfs->channel);
	procfs->channel = -1;
	if (boot_nanoseconds() - procfs->handed < SHORT_LIFE) {
		rest(procfs);
		return;
	}
	procfs->pause = 0;
	if (begun(procfs))
		ask_server(procfs, state);
}

void procfs_wake(struct procfs *procfs, struct state *state, short events)
{
	bool rested = !events && procfs->rest_until;
	if (rested)
		procfs->rest_until = 0;
	if (procfs->channel >= 0) {
		if (events)
			lost(procfs, state);
	} else if (events & (POLLERR | POLLHUP)) {
		procfs_stop(procfs);
	} else if (procfs->fuse >= 0 && (events || (rested && begun(procfs)))) {
		ask_server(procfs, state);
	}
}

int procfs_asked(const struct procfs *procfs)
{
	return procfs->channel >= 0 ? procfs->channel : procfs->rest_until ? -1 : procfs->fuse;
}

/* While the child is waited for, which looks the files up: as the loop does it later. */
static int settle(struct procfs *procfs, struct state *state)
{
	for (int i = 0; procfs->rest_until && i < SETTLE_TIMES; i++) {
		poll(NULL, 0, SETTLE_MS);
		procfs_wake(procfs, state, 0);
	}
	return procfs_asked(procfs);
}

static int tend(struct state *state)
{
	struct procfs *procfs = state->tended.who;
	procfs_wake(procfs, state, POLLIN);
	return settle(procfs, state);
}

int procfs_begin(struct procfs *procfs, struct state *state)
{
	struct field fields[FIELD_MAX];
	procfs_stop(procfs);
	state->tended.fd = -1;
	if (state->fuse < 0)
		return 0;
	procfs->fuse = state->fuse;
	state->fuse = -1;
	if (!settings_of(state, fields))
		return fail(state, EPROTO, "no procServer operation");
	procfs->shared = make_shared(fields);
	if (procfs->shared < 0)
		return fail(state, procfs->shared, "server of /proc files");
	ask_server(procfs, state);
	state->tended = (struct tended){ settle(procfs, state), tend, procfs };
	return 0;
}

void procfs_reap(struct procfs *procfs)
{
	for (size_t i = 0; i < PROCFS_SERVERS; i++)
		if (procfs->servers[i] > 0 && waitpid(procfs->servers[i], NULL, WNOHANG) == procfs->servers[i])
			procfs->servers[i] = 0;
}

void procfs_stop(struct procfs *procfs)
{
	const int fds[] = { procfs->fuse, procfs->shared, procfs->channel };
	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	procfs->fuse = procfs->shared = procfs->channel = -1;
	procfs->rest_until = procfs->pause = 0;
}
