/* What is on its way to the container's stdin. */
#ifndef TSCOMPOSE_STDIN_H
#define TSCOMPOSE_STDIN_H

#include "monitor/state.h"

/* Bytes for the container. Those that nobody will read are dropped. */
void stdin_feed(struct monitor *monitor, const void *bytes, size_t length);
/* Ends stdin once everything before was handed over, which may be after the start. */
void stdin_close(struct monitor *monitor);
/* While input waits for the container, no more is taken from the engine. */
bool stdin_full(const struct monitor *monitor);
/* Hands over what waits, as far as it is taken. */
void stdin_flush(struct monitor *monitor);
/* The container has ended. */
void stdin_end(struct monitor *monitor);

#endif
