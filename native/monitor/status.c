/* The status file: what is known of the container, for an engine that comes after this one. Replaced by rename. */
#include "monitor/state.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t nanoseconds(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t boot_nanoseconds(void)
{
	return nanoseconds(CLOCK_BOOTTIME);
}

uint64_t unix_nanoseconds(void)
{
	return nanoseconds(CLOCK_REALTIME);
}

static size_t read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t count = fd < 0 ? 0 : read(fd, text, size - 1);
	if (fd >= 0)
		close(fd);
	text[count > 0 ? count : 0] = 0;
	return count > 0 ? (size_t)count : 0;
}

void read_boot_id(char boot_id[40])
{
	read_text("/proc/sys/kernel/random/boot_id", boot_id, 40);
	boot_id[strcspn(boot_id, "\n")] = 0;
}

/* N of the line `oom_kill N`; 0 when it cannot be known. */
uint64_t read_oom_counter(const char *path)
{
	char text[1024];
	if (!path[0] || !read_text(path, text, sizeof text))
		return 0;
	const char *line = text;
	while (line && strncmp(line, "oom_kill ", 9)) {
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	return line ? strtoull(line + 9, NULL, 10) : 0;
}

/* A detail may hold anything that an image says: the file keeps to one line each. */
static void clean(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

static void failure_text(const struct failure *failure, char *text, size_t size)
{
	if (failure->error)
		snprintf(text, size, "%u:%u:%d:%s", failure->op, failure->stage, failure->error, failure->detail);
	else
		text[0] = 0;
	clean(text);
}

size_t status_text(struct monitor *monitor, char *text, size_t size)
{
	static const char *const phases[] = { "created", "running", "restarting", "exited" };
	static const char *const policies[] = { "no", "always", "on-failure", "unless-stopped" };
	char error[DETAIL_MAX + 48];
	uint64_t own_start = 0;
	pid_t pid = monitor->phase == PHASE_RUNNING ? monitor->state->process.pid : 0;
	process_start_time(getpid(), &own_start);
	failure_text(&monitor->last_failure, error, sizeof error);
	int length = snprintf(
		text, size,
		"version=1\nphase=%s\nmonitor_pid=%d\nmonitor_start=%llu\npid=%d\npid_start=%llu\nboot_id=%s\n"
		"started_at=%llu\nfinished_at=%llu\nexit_code=%d\nsignal=%d\noom_killed=%d\nrestart_count=%u\n"
		"restart_policy=%s\nstopped=%d\nlog_dropped=%llu\nerror=%s\n",
		phases[monitor->phase], (int)getpid(), (unsigned long long)own_start, (int)pid,
		(unsigned long long)(pid ? monitor->pid_start : 0), monitor->boot_id,
		(unsigned long long)monitor->started_at, (unsigned long long)monitor->finished_at,
		monitor->exit_code, monitor->exit_signal, monitor->oom_killed, monitor->restart_count,
		policies[monitor->settings.restart], monitor->stopped, (unsigned long long)monitor->log.dropped, error);
	return length < 0 ? 0 : (size_t)length < size ? (size_t)length : size - 1;
}

/* Writes over what is there, in one call and without asking the disk for more room. */
static int overwrite(const char *path, const char *text, size_t length)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	int error = pwrite(fd, text, length, 0) != (ssize_t)length ? -ENOSPC : 0;
	/* A shorter text after a longer one: the old end would be read along. */
	if (!error && ftruncate(fd, (off_t)length))
		error = -errno;
	close(fd);
	return error;
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
	return overwrite(path, text, length) ? error : 0;
}

int status_changed(struct monitor *monitor)
{
	char text[2048];
	size_t length = status_text(monitor, text, sizeof text);
	monitor->log.told = monitor->log.dropped;
	int error = write_status(monitor->settings.status, text, length);
	for (unsigned i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection *connection = &monitor->connections[i];
		if (connection->fd >= 0 && connection->subscribed)
			control_send(monitor, connection, MESSAGE_STATUS, 0, text, length);
	}
	return error;
}
