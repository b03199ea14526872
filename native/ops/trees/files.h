/* Objects known by an fd that opens nothing (O_PATH). */
#ifndef TSCOMPOSE_FILES_H
#define TSCOMPOSE_FILES_H

#include <sys/stat.h>

/* An object as a path that can lead nowhere else. */
void path_of_fd(int fd, char path[32]);
/*
 * Opens for reading what an O_PATH fd is, when it is a plain file: opening a FIFO would hang, opening a device may do
 * anything, and by its name another thing might be opened than was looked at. Every file that a container can reach is
 * opened like this. Not blocking, for a plain file may be leased. -EINVAL: another kind.
 */
int open_plain(int place, struct stat *info);

#endif
