/* /proc/meminfo and /proc/swaps of a container. */
#ifndef TSCOMPOSE_PROCFS_MEMORY_H
#define TSCOMPOSE_PROCFS_MEMORY_H

#include "procfs/sources.h"

void memory_info(const struct sources *sources, struct page *text);
void memory_swaps(const struct sources *sources, struct page *text);

#endif
