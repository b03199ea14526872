/* Clients of whom it is not known yet where they want to go. */
#ifndef TSCOMPOSE_FRONT_NEWCOMER_H
#define TSCOMPOSE_FRONT_NEWCOMER_H

#include "front/state.h"

/* Begins to serve them. */
void newcomers_start(struct front *front);

#endif
