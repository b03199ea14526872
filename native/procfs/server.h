/* The server of /proc files that are true to a container's limits. */
#ifndef TSCOMPOSE_PROCFS_SERVER_H
#define TSCOMPOSE_PROCFS_SERVER_H

/* The mode `procfs`: its exit code. It ends when nobody has read anything for a while, and with the container. */
int procfs_mode(void);

#endif
