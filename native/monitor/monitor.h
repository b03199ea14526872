/* The mode `monitor`. */
#ifndef TSCOMPOSE_MONITOR_H
#define TSCOMPOSE_MONITOR_H

#include "core/state.h"

/* The parent of one container for its whole life; the exit code. */
int monitor_mode(struct state *state);

#endif
