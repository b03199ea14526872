/* /proc/diskstats of a container. */
#ifndef TSCOMPOSE_PROCFS_DISKS_H
#define TSCOMPOSE_PROCFS_DISKS_H

#include "procfs/sources.h"

void disks_stat(const struct sources *sources, struct page *text);

#endif
