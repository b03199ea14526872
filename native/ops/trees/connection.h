/* Content that is taken from a connection of whoever sends an archive, where it lies. */
#ifndef TSCOMPOSE_CONNECTION_H
#define TSCOMPOSE_CONNECTION_H

#include "ops/trees/entries.h"

/*
 * Waits until whoever sent a large file says that its content is there. Until then it may have us take bytes from its connection and append them to the
 * file, until we have as many, or it must look at what comes next itself: told by a reply.
 */
int await_content(struct source *source, int file, uint64_t size);

#endif
