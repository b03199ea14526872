/* What the server of /proc files is told, and what outlives it. */
#ifndef TSCOMPOSE_PROCFS_CONFIG_H
#define TSCOMPOSE_PROCFS_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The fds that it is given, and no other: what outlives it, the connection, then each source that there is. */
#define PROCFS_SHARED_FD 3
#define PROCFS_FUSE_FD 4
#define PROCFS_SOURCE_FD 5

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

/*
 * A file in memory that one server leaves to the next. The request that is being answered lies in it: a server that dies
 * meanwhile leaves its reader waiting, and the next one answers.
 */
struct procfs_shared {
	bool together; /* limits of swap count memory too (cgroup v1) */
	uid_t uid;
	uint32_t uid_count;
	pid_t parent;
	uint32_t filter_length;
	uint32_t answers; /* how often an answer to the present request was begun */
	/* Nanoseconds of processor time that the groups had used when the container started. */
	uint64_t user_before, system_before;
	bool began; /* and that they were looked at */
	struct procfs_load load;
	uint8_t filter[PROCFS_FILTER_MAX] __attribute__((aligned(8)));
	uint8_t request[PROCFS_REQUEST_MAX] __attribute__((aligned(8)));
};

#endif
