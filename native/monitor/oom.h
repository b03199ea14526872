/* How often the kernel killed a process of the container for want of memory. */
#ifndef TSCOMPOSE_OOM_H
#define TSCOMPOSE_OOM_H

#include <stdint.h>

/* N of the line `oom_kill N` in a file of the cgroup; 0 when it cannot be known. */
uint64_t oom_kills(const char *path);

#endif
