/* The status file: what is known of the container, for an engine that comes after this one. */
#ifndef TSCOMPOSE_STATUS_H
#define TSCOMPOSE_STATUS_H

#include "monitor/state.h"

size_t status_text(const struct monitor *monitor, char *text, size_t size);
/* Tells file and subscribers; a negative errno when the file could not be written. */
int status_changed(struct monitor *monitor);

#endif
