/* A first process in namespaces of its own. */
#ifndef TSCOMPOSE_CLONE_H
#define TSCOMPOSE_CLONE_H

#include "core/state.h"

/* Makes the child; the process is the state's. */
int clone_child(struct state *state, const struct field *f);
/* The child itself: waits for its parent's word, and becomes the command. */
_Noreturn void cloned_child(struct state *state, const struct field *f);

#endif
