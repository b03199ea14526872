/* The container's life. */
#ifndef TSCOMPOSE_LIFE_H
#define TSCOMPOSE_LIFE_H

#include "monitor/state.h"

int life_start(struct monitor *monitor);
/* Closes what the mounts of a run were made from, which live in the container: behind all answers, for each is a grace period of the kernel. */
void life_let_go(struct monitor *monitor);
/* PID 1 is gone. */
/* The group may have lost a process for want of memory. */
void life_heard_of_oom(struct monitor *monitor);
void life_look_for_oom(struct monitor *monitor);
void life_exited(struct monitor *monitor);
/* The delay is over. */
void life_restart(struct monitor *monitor);
/* `renewed`: this run is ended for another one to follow. */
int life_signal(struct monitor *monitor, int number, bool manual, bool renewed);

#endif
