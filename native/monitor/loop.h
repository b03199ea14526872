/* The monitor's loop: waits for whatever comes first, and hands it to who it is for. */
#ifndef TSCOMPOSE_LOOP_H
#define TSCOMPOSE_LOOP_H

#include "monitor/state.h"

/* Until the container has ended and everybody knows, or nobody ever started it. */
void loop_watch(struct monitor *monitor);

#endif
