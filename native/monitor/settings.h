/* What a monitor is told: its operation in the stage `supervise`. */
#ifndef TSCOMPOSE_SETTINGS_H
#define TSCOMPOSE_SETTINGS_H

#include "core/state.h"
#include "monitor/status-lines.h"

struct settings {
	const char *socket;
	const char *status;
	const char *log;
	const char *oom_counter;
	const char *cgroup_kill;
	uint64_t log_max_size;
	uint32_t log_max_files;
	bool tty;
	bool open_stdin;
	bool stdin_once;
	uid_t owner_uid;
	gid_t owner_gid;
	enum restart_policy restart;
	uint32_t restart_max;
	uint16_t rows;
	uint16_t cols;
	uint64_t patience; /* ns: how long a reader that takes nothing is waited for */
};

/* Reads it from the program, in which its texts stay. */
int settings_read(struct settings *settings, struct state *state);

#endif
