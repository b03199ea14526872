/* Paths that cannot leave their root. */
#ifndef TSCOMPOSE_BENEATH_H
#define TSCOMPOSE_BENEATH_H

#include "core/state.h"

/* Resolves a path; a root that is a file is all that lies beneath itself. */
int beneath_open(int root, const char *path, int flags);
/* Ensures the parents of a path; returns an fd of the parent, and the last name. */
int beneath_parent(int root, const char *path, const char **name);
/* Ensures a folder with its parents; returns an fd of it. */
int beneath_folder(int root, const char *path, mode_t mode, uid_t uid, gid_t gid);
/* Ensures a place to mount on, a folder or an empty file, also where a link that leads to nothing leads; returns an fd of it. */
int beneath_mount_point(int root, const char *path, mode_t folder);

/*
 * The folder of a path that lies right in the file system that was mounted last (`fresh`), where nobody but us has made anything: what is
 * there is found by its name, which no link leads away from. -1 of other paths.
 */
int beneath_fresh(const struct state *state, const char *path, const char **name);

#endif
