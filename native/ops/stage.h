/* Runs all operations of one stage in order; one that fails ends it. */
#ifndef TSCOMPOSE_STAGE_H
#define TSCOMPOSE_STAGE_H

#include "core/state.h"

int run_stage(struct state *state, enum stage stage);

#endif
