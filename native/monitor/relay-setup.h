/* What the relay needs privilege for. */
#ifndef TSCOMPOSE_RELAY_SETUP_H
#define TSCOMPOSE_RELAY_SETUP_H

#include "monitor/state.h"

/* Everything that the supervise stage says of the relay. After the setup stage: 127.0.0.11 must be up. */
int relay_prepare(struct monitor *monitor);

#endif
