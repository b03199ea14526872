/* What servers of /proc files are told, and what outlives them. */
#ifndef TSCOMPOSE_PROCFS_CONFIG_H
#define TSCOMPOSE_PROCFS_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The fds that one is given, and no other: what it is told, its first container's channel, where others come, then files of the host. */
#define PROCFS_CONFIG_FD 3
#define PROCFS_CHANNEL_FD 4
#define PROCFS_LISTENER_FD 5
#define PROCFS_SOURCE_FD 6
/* Part of the name by which monitors find a server: another number for every other form of what is told here. */
#define PROCFS_VERSION 2

/* Where numbers come from, in the order of PROC_SOURCES (src/native/ops/values.ts). A `BUDGET` is of a group further up. */
enum source {
	HOST_MEMORY,
	HOST_STAT,
	HOST_PROCESSORS,
	HOST_DISKS,
	HOST_SWAPS,
	MEMORY_LIMIT,
	MEMORY_USAGE,
	MEMORY_STAT,
	SWAP_LIMIT,
	SWAP_USAGE,
	CPU_MAX,
	CPU_QUOTA,
	CPU_PERIOD,
	CPU_SET,
	CPU_STAT,
	PROCESSES,
	IO_STAT,
	IO_BYTES,
	IO_OPERATIONS,
	BUDGET_MEMORY_LIMIT,
	BUDGET_MEMORY_USAGE,
	BUDGET_CPU_MAX,
	BUDGET_CPU_QUOTA,
	BUDGET_CPU_PERIOD,
	SOURCE_COUNT,
};
/* The first of them, which are the same for all containers. */
#define HOST_SOURCES MEMORY_LIMIT

/* The kernel gives no smaller request a place. */
#define PROCFS_REQUEST_MAX 8192
/* Bytes of a seccomp filter: 4096 instructions, which is the kernel's limit. */
#define PROCFS_FILTER_MAX 32768

/* An average of processors in use, as /proc/loadavg has it: 11 bits behind the point. */
struct procfs_load {
	uint64_t average[3];
	uint64_t at; /* boottime, ns: up to when it counts */
	uint64_t used; /* ns of processor time by then */
};

/* A file in memory: who a server is to be. */
struct procfs_config {
	uid_t owner; /* whose monitors are served */
	bool alone; /* nobody else comes */
	uid_t uid;
	uint32_t uid_count;
	uint32_t filter_length;
	uint8_t filter[PROCFS_FILTER_MAX] __attribute__((aligned(8)));
};

/* What a monitor says over its channel, once. With it go the connection, what outlives the server, and these files. */
struct procfs_hello {
	uint32_t sources; /* a bit for each that there is, in their order; none of the host's */
};

/* The order of what goes with it, and how much that is at most. */
enum { PROCFS_FUSE, PROCFS_SHARED, PROCFS_FDS_FIRST, PROCFS_FDS_MAX = PROCFS_FDS_FIRST + SOURCE_COUNT };

/*
 * Of one container, a file in memory that one server leaves to the next. The request that is being answered lies in it: a server that
 * dies meanwhile leaves its reader waiting, and the next one answers.
 */
struct procfs_shared {
	bool together; /* limits of swap count memory too (cgroup v1) */
	bool began; /* the processor time of before was looked at */
	uid_t owner; /* of the files, and their group: the container's root, as the host knows it */
	uint32_t answers; /* how often an answer to the present request was begun */
	int64_t clock; /* nanoseconds from a server's clock of boottime to the container's */
	/* Nanoseconds of processor time that the groups had used when the container started. */
	uint64_t user_before, system_before;
	struct procfs_load load;
	/* Last: of most requests the first page has all. */
	uint8_t request[PROCFS_REQUEST_MAX] __attribute__((aligned(8)));
};

#endif
