/* What the parts of the monitor share. One struct, made by monitor_mode and passed along; there are no globals. */
#ifndef TSCOMPOSE_MONITOR_STATE_H
#define TSCOMPOSE_MONITOR_STATE_H

#include "core/state.h"
#include "log/log.h"
#include "monitor/ears.h"
#include "monitor/settings.h"
#include "monitor/status-lines.h"
#include "monitor/guard.h"
#include "procfs/life.h"
#include "relay/config.h"

#define CONNECTIONS_MAX 256
#define MASKS_MAX 4
/* Bytes of one read of output. */
#define READ_MAX (256 * 1024)

struct connection {
	int fd; /* -1: free */
	bool attached;
	bool subscribed;
	bool fed_stdin;
	uint64_t follows; /* number of the log's file that it still reads; 0: none */
	uint64_t follows_since; /* boottime, ns: when it last told that it gets on, or had nothing more to read */
	uint64_t taken_at; /* boottime, ns: when it last took something, or had nothing to take */
	struct buffer in;
	struct buffer out;
};

/* The relay, as its monitor holds it. */
struct relay_process {
	struct relay_config config;
	pid_t pid;
	int pidfd; /* -1: none runs */
	int channel; /* to the one that runs */
	const char *egress_table; /* of the container's, whose sets it may tell addresses of; empty: none */
	int tables; /* of netfilter in the container's namespace; -1: not needed yet */
	uint64_t started; /* boottime, ns */
	uint64_t respawn_at; /* 0: not waiting */
	uint32_t last_port; /* the id of the port that came last */
	bool gave; /* another monitor has its listeners, too */
	uint32_t shortcut; /* the id of the map by which clients are led past it; 0: none */
	int masks[MASKS_MAX]; /* links of programs that hide from clients that they were led; 0: none */
};

/* How a container sleeps, and who would wake it. */
struct sleep {
	enum { AWAKE, FROZEN, STOPPED } depth;
	struct ears ears;
	bool heard; /* somebody has come since it was asked last */
	uint64_t kill_at; /* boottime, ns: when one that was asked to end is killed; 0: none was */
	struct buffer release; /* what lets refusals go again; empty: none are held back */
	uint64_t release_at; /* boottime, ns; 0: not yet */
};

struct monitor {
	struct state *state;
	struct settings settings;
	struct log log;
	struct stream streams[2];
	struct relay_process relay;
	struct procfs procfs;
	struct guard guard;
	struct sleep sleep;
	struct connection connections[CONNECTIONS_MAX];
	unsigned connection_count;
	int listener;
	int timer;
	uint64_t timer_at; /* boottime, ns: what it is set to; 0: nothing */
	int children; /* readable when one of them was stopped, or ended */
	int mounts; /* the container's table of mounts, open to tell of its changes; -1: none */
	int stdin_writer; /* -1: closed */
	struct buffer stdin_pending;
	bool stdin_closing; /* stdin ends when what is pending was handed over */
	char *read_buffer;

	enum phase phase;
	bool had_connection;
	bool set_up; /* the setup stage is done */
	bool holds_sources; /* what its mounts were made from is still open */
	bool stopped; /* a stop was asked for: no restart */
	bool renewed; /* this run was ended for another one to follow */
	bool oom_killed;
	int exit_code; /* -1: has not exited yet */
	int exit_signal;
	uint32_t restart_count;
	uint64_t own_start; /* of the monitor itself: with its pid and the boot id it is known to the next engine */
	uint64_t pid_start;
	uint64_t started_at; /* unix ns */
	uint64_t finished_at;
	uint64_t running_since; /* boottime, ns */
	uint64_t restart_delay; /* ns */
	uint64_t restart_at; /* boottime, ns; 0: not waiting */
	uint64_t end_at; /* boottime, ns: until when readers of the last output are waited for */
	uint64_t oom_base;
	int oom_watch; /* readable when it may have grown; -1: nobody tells */
	uint64_t oom_look_at; /* boottime, ns: when it is looked at again; 0: not at all */
	unsigned oom_looks; /* that are left */
	struct failure last_failure;
	struct buffer written; /* what the status file says; empty: not known */
	char boot_id[40];
};

#endif
