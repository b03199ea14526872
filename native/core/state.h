/*
 * The one state of the program, passed along everywhere: what it was told, what it holds, and what failed. Every function
 * that can fail returns 0 (or an fd, or a count) or a negative errno; what it was about goes to state->failure.detail.
 */
#ifndef TSCOMPOSE_STATE_H
#define TSCOMPOSE_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "core/buffer.h"
#include "core/process.h"
#include "core/program.h"

/* fds that every mode but init has from its caller. */
#define PROGRAM_FD 3
#define REPLY_FD 4

#define DETAIL_MAX 256

/* Those that lists are asked of the kernel by. */
#define NETLINK_PROTOCOLS 3

/* What failed. Sent as it is from the container's first process to its parent. */
struct failure {
	uint32_t op;
	uint32_t stage;
	int32_t error; /* positive errno; 0: nothing failed */
	char detail[DETAIL_MAX];
};

struct state;

/* What a start needs beside the child, and must be kept up while that is waited for. */
struct tended {
	int fd; /* readable: it wants to be looked after; -1: nothing */
	int (*tend)(struct state *state); /* the next such fd */
	void *who;
};

struct state {
	struct program program;
	struct op current;
	struct failure failure;
	int slots[SLOT_MAX];
	bool tree[SLOT_MAX]; /* a detached mount, by its root */
	bool kept[SLOT_MAX]; /* filled by `setup`: survives restarts */
	int fuse; /* the connection of a FUSE mount that was made; -1: none */
	int root; /* the container's root, inside */
	int proc; /* a private proc, inside; -1 until needed */
	int host_mounts; /* mount namespaces: the one we were started in, and our private one, where we have one */
	int own_mounts;
	int dumps[2][NETLINK_PROTOCOLS]; /* netlink sockets that lists came by: of the host or the container, by protocol; -1 until needed */
	int talks[2][NETLINK_PROTOCOLS]; /* those by which something was changed; -1 until needed */
	int own_ipc; /* our own, to come back to; -1 until needed */
	int own_uts;
	int net_sysctls; /* /proc/sys/net as the network namespace that we are in has it; -1: not opened */
	int held; /* pidfd of the process that was last looked at, with its number and start time; -1: none */
	pid_t held_pid;
	uint64_t held_start;
	int target; /* pidfd of the container that `exec` joins */
	int spare_null; /* a bind of the host's null device, attached nowhere; -1 but in a container that was entered */
	int fresh; /* the file system of our own that was mounted last, inside, while nothing but places in it came since; -1: none */
	const char *fresh_path; /* where, as the program has it */
	int hide; /* the empty read-only tmpfs that masks folders; -1 until needed */
	int hide_file; /* the bind of a null device that masks files; -1 until needed */
	bool entered; /* the root is `/`: after pivotRoot or join */
	bool has_terminal;
	bool forerunner; /* what is launched, or we ourselves, is a forerunner: its child becomes the command */
	bool has_process_limit; /* a limit that the forerunner does not count against */
	struct rlimit process_limit;
	bool born_inside; /* the process was born in its v2 group */
	bool moves_newborn; /* the kernel kills whoever is born there */
	bool own_pids; /* the process began a pid namespace, all of which ends with it */
	bool die_with_parent; /* the process is killed when we end, however we end */
	uint64_t capabilities[5]; /* bounding, effective, permitted, inheritable, ambient */
	bool has_capabilities;
	mode_t umask;
	bool plain_signals; /* who began us has given every signal its default action */
	bool unscored; /* our OOM score is 0, and so is that of whom we clone */
	bool left_behind; /* fds that are ours are closed */
	int input; /* where entries of an archive follow the program; -1: nowhere */
	int self; /* the sealed copy that we run from, for init; -1: not needed */
	int null; /* a null device for commands without stdin; -1 until needed */
	int null_mount; /* where it is */
	int caller; /* its other end is our caller's: a start is given up when that goes; -1: it goes on without */
	uint16_t rows; /* size of the terminal to be made; 0: as the operation says */
	uint16_t cols;
	int stdio[3]; /* what the process gets as 0, 1, 2; -1: the null device */
	struct process process;
	struct tended tended;
	struct buffer results;
	uint32_t result_count;
};

void state_init(struct state *state);
/* Notes what failed, once: the first failure is the cause. Returns the negative errno for the caller to return. */
int fail(struct state *state, int error, const char *detail);

/* Closes what operations opened: of each start, or (`kept`) what survives restarts as well. */
void state_close_slots(struct state *state, bool kept);
/* Puts an fd (or a negative errno, which is passed on) into a slot. */
int slot_set(struct state *state, uint64_t slot, int fd);
/* The fd in a slot; -EBADF when nothing filled it. */
int slot_get(struct state *state, uint64_t slot);

/* Reads the program and checks it whole. */
int read_program(struct state *state, int fd);

/* A result of the present operation, for the reply. */
int add_result(struct state *state, const void *bytes, size_t length);
/* The reply: failure, pid, exit code (-1: none) and results. */
int build_reply(struct state *state, int exit_code, struct buffer *out);
int send_reply(struct state *state, int fd, int exit_code);

#endif
