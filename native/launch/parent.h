/* The parent of a process that a program launches. */
#ifndef TSCOMPOSE_PARENT_H
#define TSCOMPOSE_PARENT_H

#include "core/state.h"

/* Launches the process, attends to it and waits until it has become the command. On failure nothing is left of it. */
int launch(struct state *state);
/* A forerunner that has begun anew does what a child does. */
_Noreturn void launch_again(struct state *state);

#endif
