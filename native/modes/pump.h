/* Copies between a process and our own stdio. */
#ifndef TSCOMPOSE_PUMP_H
#define TSCOMPOSE_PUMP_H

#include "core/state.h"

/* Until the process has ended. Negative: the control fd was closed by a mode that must not outlive its caller. */
int pump(struct state *state, const int outputs[2], int input, int control);

#endif
