/* What is known of the container: its status file, replaced by rename, and the word to who subscribed. */
#include "monitor/status.h"
#include "core/io.h"
#include "core/protocol.h"
#include "core/sys.h"
#include "monitor/connections.h"
#include "monitor/state.h"
#include "monitor/status-text.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static void failure_text(const struct failure *failure, char *text, size_t size)
{
	if (failure->error)
		snprintf(text, size, "%u:%u:%d:%s", failure->op, failure->stage, failure->error, failure->detail);
	else
		text[0] = 0;
}

size_t status_text(const struct monitor *monitor, char *text, size_t size)
{
	char error[DETAIL_MAX + 48];
	pid_t pid = monitor->phase == PHASE_RUNNING ? monitor->state->process.pid : 0;
	failure_text(&monitor->last_failure, error, sizeof error);
	const struct status status = {
		.phase = monitor->phase,
		.monitor_pid = getpid(),
		.monitor_start = monitor->own_start,
		.pid = pid,
		.pid_start = pid ? monitor->pid_start : 0,
		.boot_id = monitor->boot_id,
		.started_at = monitor->started_at,
		.finished_at = monitor->finished_at,
		.exit_code = monitor->exit_code,
		.signal = monitor->exit_signal,
		.oom_killed = monitor->oom_killed,
		.restart_count = monitor->restart_count,
		.restart_policy = monitor->settings.restart,
		.stopped = monitor->stopped,
		.log_dropped = (int64_t)monitor->log.dropped,
		.mounts_fd = monitor->mounts < 0 ? 0 : monitor->mounts,
		.asleep = monitor->sleep.depth != AWAKE,
		.error = error,
	};
	return status_render(&status, text, size);
}

/* Writes over what is there, in one call and without asking the disk for more room. */
static int overwrite(const char *path, const char *text, size_t length, bool shorter)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	int error = pwrite(fd, text, length, 0) != (ssize_t)length ? -ENOSPC : 0;
	/* A shorter text after a longer one: the old end would be read along. */
	if (!error && shorter && ftruncate(fd, (off_t)length))
		error = -errno;
	close(fd);
	return error;
}

/* Of one character, as of a container that is to be stopped, a reader meets the one or the other: it needs no other file. */
static bool differs_by_one(const struct buffer *before, const char *text, size_t length)
{
	size_t differences = before->length != length ? 2 : 0;
	for (size_t i = 0; i < length && differences < 2; i++)
		differences += before->bytes[i] != (uint8_t)text[i];
	return differences < 2;
}

/*
 * Written aside and renamed, so that a reader never meets half a file. On a full disk the file of before is written
 * over, so that the next engine knows how the container ended; where that fails too, subscribers still hear of it.
 */
static int write_status(const char *path, const char *text, size_t length)
{
	char aside[PATH_MAX];
	snprintf(aside, sizeof aside, "%s.new", path);
	int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	int error = fd < 0 ? -errno : write_all(fd, text, length);
	if (fd >= 0)
		close(fd);
	if (!error && !rename(aside, path))
		return 0;
	if (!error)
		error = -errno;
	unlink(aside);
	return overwrite(path, text, length, true) ? error : 0;
}

int status_changed(struct monitor *monitor)
{
	char text[STATUS_MAX];
	size_t length = status_text(monitor, text, sizeof text);
	monitor->log.told = monitor->log.dropped;
	const char *path = monitor->settings.status;
	struct buffer *before = &monitor->written;
	bool little = differs_by_one(before, text, length);
	int error = little ? overwrite(path, text, length, false) : -EAGAIN;
	if (error)
		error = write_status(path, text, length);
	before->length = 0;
	if (!error)
		(void)buffer_append(before, text, length, STATUS_MAX);
	for (unsigned i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection *connection = &monitor->connections[i];
		if (connection->fd >= 0 && connection->subscribed)
			connection_send(monitor, connection, MESSAGE_STATUS, 0, text, length);
	}
	return error;
}
