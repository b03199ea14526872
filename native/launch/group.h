/* How a process gets into its v2 group. */
#ifndef TSCOMPOSE_GROUP_H
#define TSCOMPOSE_GROUP_H

#include "core/state.h"
#include "core/sys.h"

/* Clones as clone3(2) does, into a group (-1: that of the caller) where the kernel lets it. The pid, 0 in the child, or a negative errno. */
pid_t group_clone(struct state *state, int group, const struct clone_arguments *args);
/* Puts the process into the group that it was to be born in, if it was not. */
int group_enter(const struct state *state, int group);
/* Whether a launch has failed because the kernel kills whoever is born in that group; from then on nobody is. */
bool group_kills_newborn(struct state *state);

#endif
