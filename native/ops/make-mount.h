/* File systems that are made. */
#ifndef TSCOMPOSE_MAKE_MOUNT_H
#define TSCOMPOSE_MAKE_MOUNT_H

#include "core/state.h"

#include <sys/mount.h>

#define SAFE (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)
#define KNOWN_ATTRIBUTES                                                                                     \
	(MOUNT_ATTR_RDONLY | SAFE | MOUNT_ATTR_NOATIME | MOUNT_ATTR_STRICTATIME | MOUNT_ATTR_NOSYMFOLLOW)

/* Makes a detached file system; returns its mount fd. `options` may be NULL, and so may its label, and `first`, an option before them. */
int make_mount(struct state *state, const char *type, const char *label, const char *first, const struct field *options,
	       unsigned attributes);

/* Gives options, of which there may be none, to a file system that is being made or changed, and ends with that command. */
int configure_mount(struct state *state, int context, const struct field *options, unsigned command);

#endif
