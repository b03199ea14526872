/* Paths that cannot leave their root. */
#ifndef TSCOMPOSE_BENEATH_H
#define TSCOMPOSE_BENEATH_H

#include <sys/types.h>

/* Resolves a path; a root that is a file is all that lies beneath itself. */
int beneath_open(int root, const char *path, int flags);
/* Ensures the parents of a path; returns an fd of the parent, and the last name. */
int beneath_parent(int root, const char *path, const char **name);
/* Ensures a folder with its parents; returns an fd of it. */
int beneath_folder(int root, const char *path, mode_t mode, uid_t uid, gid_t gid);
/* Ensures an empty file to mount on; returns an O_PATH fd. */
int beneath_file(int root, const char *path);

#endif
