/* Answers to the requests of one container's readers. */
#ifndef TSCOMPOSE_PROCFS_ANSWER_H
#define TSCOMPOSE_PROCFS_ANSWER_H

#include "procfs/container.h"

/* The request that lies in the shared memory, if any, be it that the server before could not. */
void answer_begun(struct container *container);
/* Takes the next request, and answers it. A negative errno: there will be no more. */
int answer_next(struct container *container);

#endif
