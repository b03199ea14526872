/* The spawner: starts the other processes of an engine, which is too large to fork itself. */
#ifndef TSCOMPOSE_SPAWNER_H
#define TSCOMPOSE_SPAWNER_H

#include "core/state.h"

/*
 * Serves until our caller, whose pipe is our stdin, has gone. NULL: that is over. Else we are a process that somebody asked for: the
 * mode, with its fds in place.
 */
const char *spawner_serve(struct state *state);

#endif
