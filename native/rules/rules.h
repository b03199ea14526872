/* The engine's connection to nf_tables. */
#ifndef TSCOMPOSE_RULES_H
#define TSCOMPOSE_RULES_H

#include "core/state.h"

/* Serves the engine that is behind fd 3 and 4 until it is gone. The exit code. */
int rules_mode(struct state *state);

#endif
