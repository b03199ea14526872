/* The parent's wait for the child to become the command. */
#ifndef TSCOMPOSE_AWAIT_H
#define TSCOMPOSE_AWAIT_H

#include "core/state.h"

/* Receives what the child has to say until exec closes the channel: its terminal, whom it has borne, or a failure. */
int await_exec(struct state *state);

#endif
