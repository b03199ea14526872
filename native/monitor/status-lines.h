/* Rendered from src/native/status-lines.ts by `npx tsx tools/native-headers.ts`; a test compares the two. Do not edit. */
#ifndef TSCOMPOSE_STATUS_LINES_H
#define TSCOMPOSE_STATUS_LINES_H

#include <stdbool.h>
#include <stdint.h>

#define STATUS_VERSION 1

enum phase {
	PHASE_CREATED = 0,
	PHASE_RUNNING = 1,
	PHASE_RESTARTING = 2,
	PHASE_EXITED = 3,
};
#define STATUS_WORDS_phase "created", "running", "restarting", "exited"

enum restart_policy {
	RESTART_POLICY_NO = 0,
	RESTART_POLICY_ALWAYS = 1,
	RESTART_POLICY_ON_FAILURE = 2,
	RESTART_POLICY_UNLESS_STOPPED = 3,
};
#define STATUS_WORDS_restart_policy "no", "always", "on-failure", "unless-stopped"

/* What a status says. */
struct status {
	enum phase phase;
	int64_t monitor_pid;
	uint64_t monitor_start;
	int64_t pid;
	uint64_t pid_start;
	const char *boot_id;
	uint64_t started_at;
	uint64_t finished_at;
	int64_t exit_code;
	int64_t signal;
	bool oom_killed;
	int64_t restart_count;
	enum restart_policy restart_policy;
	bool stopped;
	int64_t log_dropped;
	int64_t mounts_fd;
	bool asleep;
	const char *error;
};

/* X(key, how its value is written): see status-text.c. */
#define STATUS_LINES(X) \
	X(phase, WORD) \
	X(monitor_pid, NUMBER) \
	X(monitor_start, BIG) \
	X(pid, NUMBER) \
	X(pid_start, BIG) \
	X(boot_id, TEXT) \
	X(started_at, BIG) \
	X(finished_at, BIG) \
	X(exit_code, NUMBER) \
	X(signal, NUMBER) \
	X(oom_killed, FLAG) \
	X(restart_count, NUMBER) \
	X(restart_policy, WORD) \
	X(stopped, FLAG) \
	X(log_dropped, NUMBER) \
	X(mounts_fd, NUMBER) \
	X(asleep, FLAG) \
	X(error, TEXT)

#endif
