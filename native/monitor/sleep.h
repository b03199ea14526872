/* A container that stands still, or has been ended, until somebody comes to it. */
#ifndef TSCOMPOSE_SLEEP_H
#define TSCOMPOSE_SLEEP_H

#include "monitor/state.h"

/* Payload: what is asked (SLEEP_), a number, and bytes, as src/native/monitor-protocol.ts has them. -EAGAIN: somebody has come since it was asked last. */
int sleep_request(struct monitor *monitor, const uint8_t *payload, size_t length);

/* An fd that is readable when somebody has come to the container; -1: nobody is looked out for. */
int sleep_ears(const struct monitor *monitor);
/* It is readable: one that sleeps wakes. */
void sleep_heard(struct monitor *monitor);

/* It is to do something: one that stands still goes on, one that has been ended is begun anew. What fails then is told by the status. */
void sleep_wake(struct monitor *monitor);
/* PID 1 is gone: whether it was ended to sleep on, and so is not to be begun by any policy. */
bool sleep_goes_on(struct monitor *monitor);

/* The next run is about to begin: whether it is one that was slept for, and so none that a policy counts. */
bool sleep_is_over(struct monitor *monitor);
/* It has ended: nobody is looked out for, and who comes is refused again. */
void sleep_forget(struct monitor *monitor);

/* When something is to be done without anybody asking, boottime ns; 0: never. */
uint64_t sleep_due(const struct monitor *monitor);
void sleep_serve(struct monitor *monitor, uint64_t now);

#endif
