/* Who ends the container where its monitor is killed. */
#ifndef TSCOMPOSE_GUARD_H
#define TSCOMPOSE_GUARD_H

#include <sys/types.h>

struct guard {
	pid_t pid; /* 0: none */
	int pipe; /* it hears of our end by this; -1: none */
};

/* Begins it; `kill` is the file by which the kernel ends a group, empty where there is none. */
int guard_begin(struct guard *guard, const char *kill);
/* One that was killed is begun anew by the same file, one that was stopped goes on. */
void guard_tend(struct guard *guard, const char *file);
/* The container has ended: it is not needed any more. */
void guard_end(struct guard *guard);

#endif
