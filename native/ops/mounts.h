/* Mounts that are attached nowhere. */
#ifndef TSCOMPOSE_MOUNTS_H
#define TSCOMPOSE_MOUNTS_H

#include "core/state.h"

/* Makes a detached file system; returns its mount fd. `options` may be NULL, and so may its label. */
int make_mount(struct state *state, const char *type, const char *label, const struct field *options, unsigned attributes);
/* Closes a mount to every change of what lies in it, times of access included. */
int protect_mount(int mount, unsigned attributes);

/* Gives options, of which there may be none, to a file system that is being made or changed, and ends with that command. */
int configure_mount(struct state *state, int context, const struct field *options, unsigned command);

#endif
