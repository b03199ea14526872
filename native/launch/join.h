/* A process that joins the namespaces of a running container. */
#ifndef TSCOMPOSE_JOIN_H
#define TSCOMPOSE_JOIN_H

#include "core/state.h"

/* Makes the child; the process is the state's. */
int join_child(struct state *state, const struct field *f);
/* The child itself: waits for its parent's word, joins, and becomes the command. */
_Noreturn void joined_child(struct state *state);

#endif
