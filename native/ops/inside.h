/* What other operations of the stage `inside` need. */
#ifndef TSCOMPOSE_INSIDE_H
#define TSCOMPOSE_INSIDE_H

#include "core/state.h"

/*
 * A proc of our own, mounted nowhere: what the image or another process put at /proc cannot catch our writes.
 * Returns its fd, which stays the state's.
 */
int private_proc(struct state *state);
/* Opens a sysctl of the namespaces that we are in, by its name with dots. */
int sysctl_open(struct state *state, const char *key, int flags);
/* Has one say what the fields of OP_SYSCTL tell. */
int sysctl_set(struct state *state, const struct field *f);

#endif
