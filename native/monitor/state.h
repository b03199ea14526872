/* The monitor's own state, beside the program's. */
#ifndef TSCOMPOSE_MONITOR_H
#define TSCOMPOSE_MONITOR_H

#include "core/core.h"
#include "core/protocol.h"
#include "relay/relay.h"

#include <poll.h>

#define CONNECTIONS_MAX 256
/* An attached reader that is so far behind holds the container back: no more output is taken until it has caught up. */
#define HOLD_AT (1024u * 1024)
/* What a connection may have to send at most: what comes beside output, and what a container leaves at its end. */
#define BACKLOG_MAX (32u * 1024 * 1024)
/* CRI logs split lines into pieces of so many bytes. */
#define LINE_MAX_BYTES 16384
#define LOG_BUFFER (256 * 1024)
#define READ_MAX (256 * 1024)

enum phase { PHASE_CREATED, PHASE_RUNNING, PHASE_RESTARTING, PHASE_EXITED };
enum restart_policy { RESTART_NO, RESTART_ALWAYS, RESTART_ON_FAILURE, RESTART_UNLESS_STOPPED };

/* The monitor operation of the program. Texts lie in the program. */
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
	uint32_t restart;
	uint32_t restart_max;
	uint16_t rows;
	uint16_t cols;
	uint64_t patience; /* ns: how long a reader that takes nothing is waited for */
};

/* One file of a log. Lines and bytes are the container's: what it wrote, without what we write beside it. */
struct log_part {
	uint64_t number;
	uint64_t lines_before; /* in all files before this one */
	uint64_t bytes_before;
	uint64_t size; /* of the file */
	uint64_t lines;
	uint64_t bytes;
};

struct log {
	const char *path; /* empty: nothing is logged */
	int fd;
	struct log_part part; /* the file that is written */
	uint64_t oldest; /* number of the oldest file that is there */
	uint64_t surplus_from; /* files before this number are there only for followers */
	uint64_t surplus; /* bytes of those */
	uint64_t wanted_from; /* the number that a follower still needs; 0: none */
	uint64_t max_size; /* of the container's bytes in a file */
	uint32_t max_files;
	size_t flush_at;
	size_t length;
	uint64_t bytes; /* of the container, in the buffer */
	uint64_t entries; /* in the buffer */
	uint64_t lines; /* that end in the buffer */
	uint64_t missing; /* lines lost since the last write, not told of in the log yet */
	uint64_t dropped; /* lines lost because nothing could be written */
	uint64_t told; /* of them, those that the status knows */
	uint64_t retry_at; /* boottime, ns: the next try after a failed write; 0: the last went well */
	int error; /* of the last failed write */
	char stamp[32];
	char *buffer;
};

/* Where the container's output comes from. */
struct stream {
	int fd; /* -1: ended */
	int number; /* 1 stdout or terminal, 2 stderr */
	size_t pending_length; /* of a line without its end */
	char *pending;
};

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

struct relay {
	struct relay_config config;
	pid_t pid;
	int pidfd; /* -1: none runs */
	int channel; /* to the one that runs */
	uint64_t started; /* boottime, ns */
	uint64_t respawn_at; /* 0: not waiting */
};

struct monitor {
	struct state *state;
	struct settings settings;
	struct log log;
	struct stream streams[2];
	struct relay relay;
	struct connection connections[CONNECTIONS_MAX];
	unsigned connection_count;
	int listener;
	int timer;
	int children; /* readable when one of them was stopped, or ended */
	int stdin_writer; /* -1: closed */
	struct buffer stdin_pending;
	bool stdin_closing; /* stdin ends when what is pending was handed over */
	char *read_buffer;

	enum phase phase;
	bool had_connection;
	bool set_up; /* the setup stage is done */
	bool stopped; /* a stop was asked for: no restart */
	bool oom_killed;
	int exit_code; /* -1: has not exited yet */
	int exit_signal;
	uint32_t restart_count;
	uint64_t pid_start;
	uint64_t started_at; /* unix ns */
	uint64_t finished_at;
	uint64_t running_since; /* boottime, ns */
	uint64_t restart_delay; /* ns */
	uint64_t restart_at; /* boottime, ns; 0: not waiting */
	uint64_t end_at; /* boottime, ns: until when readers of the last output are waited for */
	uint64_t oom_base;
	struct failure last_failure;
	char boot_id[40];
};

uint64_t boot_nanoseconds(void);
uint64_t unix_nanoseconds(void);

/* log-files.c */
int log_open_files(struct log *log);
void log_rotate(struct log *log);
void log_prune(struct log *log);

/* log.c */
void log_stamp(struct log *log);
int log_open(struct log *log);
void log_write(struct log *log, struct stream *stream, const char *bytes, size_t length);
void log_end_line(struct log *log, struct stream *stream);
void log_flush(struct log *log);
/* The last try; lines that cannot be written now are lost. */
void log_end(struct log *log);

/* status.c */
size_t status_text(struct monitor *monitor, char *text, size_t size);
/* Tells file and subscribers; a negative errno when the file could not be written. */
int status_changed(struct monitor *monitor);
uint64_t read_oom_counter(const char *path);
void read_boot_id(char boot_id[40]);

/* control.c */
int control_listen(struct monitor *monitor);
void control_accept(struct monitor *monitor);
void control_serve(struct monitor *monitor, struct connection *connection, short events);
void control_send(struct monitor *monitor, struct connection *connection, unsigned type, unsigned flag,
		  const void *bytes, size_t length);
bool control_flushed(const struct monitor *monitor);
/* When the next reader that holds the container back is let go, boottime ns; 0: nobody holds it. */
uint64_t control_held_until(const struct monitor *monitor);
/* Keeps the files of the log that followers are still to read, as long as they get on. */
void control_keep_followed(struct monitor *monitor);
/* Lets go of those whose time is over. */
void control_let_go(struct monitor *monitor, uint64_t now);

/* stdio.c */
int stdio_prepare(struct monitor *monitor);
int stdio_before_launch(struct monitor *monitor);
void stdio_after_launch(struct monitor *monitor);
void stdio_feed(struct monitor *monitor, const void *bytes, size_t length);
void stdio_close_stdin(struct monitor *monitor);
bool stdio_full(const struct monitor *monitor);
void stdio_flush_stdin(struct monitor *monitor);
void stdio_read(struct monitor *monitor, struct stream *stream);
void stdio_drain(struct monitor *monitor);
void stdio_resize(struct monitor *monitor, uint16_t rows, uint16_t cols);

/* relay-host.c */
int relay_prepare(struct monitor *monitor);

/* relay-spawn.c */
int relay_watch_children(void);
void relay_continue(struct monitor *monitor);
void relay_spawn(struct monitor *monitor);
void relay_ended(struct monitor *monitor);

/* relay-networks.c */
int relay_set_networks(struct monitor *monitor, const uint8_t *payload, size_t length);

/* life.c */
int life_start(struct monitor *monitor);
void life_exited(struct monitor *monitor);
void life_restart(struct monitor *monitor);
int life_signal(struct monitor *monitor, int number, bool manual);
void life_arm_timer(struct monitor *monitor);

#endif
