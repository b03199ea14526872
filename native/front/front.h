/*
 * The front door: one process an engine that has the ports of all instances at 127.0.0.1 and ::1 as well, and leads who names an instance there to its own address.
 * Implemented in this folder, over the relay's loop and sessions.
 */
#ifndef TSCOMPOSE_FRONT_H
#define TSCOMPOSE_FRONT_H

#include "core/state.h"

/* The mode `front`: its program has one operation of that name. Replies when it can be reached, and serves until an engine says that there are no instances. */
int front_mode(struct state *state);

#endif
