/* What the monitor tells while the relay runs. */
#ifndef TSCOMPOSE_RELAY_MESSAGES_H
#define TSCOMPOSE_RELAY_MESSAGES_H

#include "relay/state.h"

/* Hears of networks and ports that come and go from now on; 0 or a negative errno. */
int messages_start(struct relay *relay);

#endif
