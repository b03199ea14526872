/* The pipes or the terminal that the container has for its stdio. */
#ifndef TSCOMPOSE_STDIO_H
#define TSCOMPOSE_STDIO_H

#include "monitor/state.h"

/* What lasts as long as the monitor. */
int stdio_prepare(struct monitor *monitor);
/* A new stdin for each start: what was closed before is open again. */
int stdio_before_launch(struct monitor *monitor);
void stdio_after_launch(struct monitor *monitor);
void stdio_resize(struct monitor *monitor, uint16_t rows, uint16_t cols);

#endif
