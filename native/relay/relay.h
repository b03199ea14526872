/*
 * The relay: one process a container, without any privilege, that answers DNS inside the container's network and
 * accepts its published ports. The monitor opens everything that needs privilege and hands over the fds of `config.h`, so a
 * relay that dies is started again and no listener is lost. Implemented in this folder.
 */
#ifndef TSCOMPOSE_RELAY_H
#define TSCOMPOSE_RELAY_H

#include "relay/config.h"

/*
 * The mode `relay`: takes its configuration from an fd, whose number is the argument, gives up all privilege and serves.
 * Only the config's fds and 0, 1, 2 (/dev/null) are open. Returns an exit code only when it cannot serve at all.
 */
int relay_mode(const char *file);
/* Serves in the host's network namespace until the process is killed. Returns an exit code only when it cannot at all. */
int relay_main(const struct relay_config *config);
/* Takes all the fds that we may have, and derives from them how many connections are held at once beside so many listeners. */
size_t relay_room(size_t listeners);

#endif
