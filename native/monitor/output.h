/* What the container writes: to the log, and to who is attached. */
#ifndef TSCOMPOSE_OUTPUT_H
#define TSCOMPOSE_OUTPUT_H

#include "monitor/state.h"

void output_read(struct monitor *monitor, struct stream *stream);
/* The container has ended: takes what it left, and ends its last lines. */
void output_drain(struct monitor *monitor);

#endif
