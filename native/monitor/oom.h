/* How often the kernel killed a process of the container for want of memory. */
#ifndef TSCOMPOSE_OOM_H
#define TSCOMPOSE_OOM_H

#include <stdint.h>

/* An fd that is readable when N may have grown: of v1 before the process is killed. -1 where the kernel tells nobody. */
int oom_watch(const char *path);
/* Takes what such an fd says. */
void oom_heard(int fd);
/* N of the line `oom_kill N` in a file of the cgroup; 0 when it cannot be known. */
uint64_t oom_kills(const char *path);

#endif
