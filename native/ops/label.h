/* Labels of SELinux on what is made for a container. */
#ifndef TSCOMPOSE_LABEL_H
#define TSCOMPOSE_LABEL_H

#include "core/state.h"

/* Gives all in a file system that is being made one label; NULL or an empty one: what its files or the policy say. */
int label_mount(int context, const char *label);
/* That of what is made for the container beside what operations name; empty where it has none. */
const char *own_label(const struct state *state);

#endif
