/* What the engine asks of a monitor. */
#ifndef TSCOMPOSE_REQUESTS_H
#define TSCOMPOSE_REQUESTS_H

#include "monitor/state.h"

/* Serves what poll has told of a connection. */
void requests_serve(struct monitor *monitor, struct connection *connection, short events);

#endif
