/* Paths that cannot leave their root. */
#ifndef TSCOMPOSE_BENEATH_H
#define TSCOMPOSE_BENEATH_H

#include <stdbool.h>
#include <sys/types.h>

/* Resolves a path; a root that is a file is all that lies beneath itself. */
int beneath_open(int root, const char *path, int flags);
/* Ensures the parents of a path; returns an fd of the parent, and the last name. */
int beneath_parent(int root, const char *path, const char **name);
/* Ensures a folder with its parents; returns an fd of it. */
int beneath_folder(int root, const char *path, mode_t mode, uid_t uid, gid_t gid);
/* Ensures a place to mount on, a folder or an empty file, also where a link that leads to nothing leads; returns an fd of it. */
int beneath_mount_point(int root, const char *path, mode_t folder);

#endif
