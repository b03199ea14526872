/* Processes: what we hold of one that we launched, and what tells it from any other that has its number. */
#ifndef TSCOMPOSE_PROCESS_H
#define TSCOMPOSE_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

/* The process that a program launched. */
struct process {
	pid_t pid;
	int pidfd;
	int channel; /* SOCK_SEQPACKET to its parent until exec */
	int terminal; /* pty master; -1: none */
	uint64_t start; /* see process_start_time; known when it has become the command */
};

/*
 * Calls a function that becomes another program, or ends, in a process of its own, which has copies of our fds, and our memory while we wait:
 * none of it is copied for a program that forgets it. Its pid, or a negative errno.
 */
pid_t process_become(int (*work)(void *), void *argument);

/* Signals that whoever began us ignores have their default action again; a program that is begun forgets handlers by itself, but not that. */
void signals_heed(void);

/* Closes what we hold of it. */
void process_forget(struct process *process);
/* Kills it. One that hangs in the kernel is not waited for: it dies as soon as it can. */
void process_give_up(struct process *process);

/* Of functions that do not return while on the stack of `process_beside`: ASan takes it for no stack. */
#define BESIDE __attribute__((no_sanitize_address))
/*
 * Calls a function in a process of its own, which has our memory and fds, while we wait: it may go where nobody comes back from. Its
 * stack is another one; who is borne there and goes on is no part of it. Returns 0 however it ended.
 */
int process_beside(int (*work)(void *), void *argument);

/* Field 22 of /proc/<pid>/stat: when the process began, in clock ticks since boot. */
int process_start_time(pid_t pid, uint64_t *start);
/* Whether a child has become another program, also one that has died since and was not reaped, and when it began. Or a negative errno. */
int process_has_executed(pid_t pid, uint64_t *start);
/* By what we are known, beside our pid: the boot, and when we began. */
int process_identity(char boot_id[40], uint64_t *start);

#endif
