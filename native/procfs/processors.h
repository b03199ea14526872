/* /proc/stat, cpuinfo, uptime and loadavg, and /sys/devices/system/cpu/online of a container. */
#ifndef TSCOMPOSE_PROCFS_PROCESSORS_H
#define TSCOMPOSE_PROCFS_PROCESSORS_H

#include "procfs/sources.h"

/* Groups outlive a restart: what they have used by now is of a run before. */
void processors_begin(const struct sources *sources);

void processors_online(const struct sources *sources, struct page *text);
void processors_info(const struct sources *sources, struct page *text);
void processors_stat(const struct sources *sources, struct page *text);
void processors_uptime(const struct sources *sources, struct page *text);
void processors_load(const struct sources *sources, struct page *text);

#endif
