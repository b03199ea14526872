/* The text of a status, by the table that its reader has as well (status-lines.h). */
#ifndef TSCOMPOSE_STATUS_TEXT_H
#define TSCOMPOSE_STATUS_TEXT_H

#include <stddef.h>

#include "monitor/status-lines.h"

/* Room for the longest there is. */
#define STATUS_MAX 2048

/* A line each for what the table says, in its order; returns the length. What does not fit is cut off: nobody reads that. */
size_t status_render(const struct status *status, char *text, size_t size);

#endif
