/* Stdio of the command. */
#ifndef TSCOMPOSE_TERMINAL_H
#define TSCOMPOSE_TERMINAL_H

#include "core/state.h"

/* A pipe that the command gets one end of. It has no name: what /proc/1/fd shows inside is no path of the host. */
int stdio_pipe(struct state *state, int ends[2]);
/* Makes the null device, before the process is launched: then nothing is opened by a name that the container may have taken. */
int stdio_prepare_null(struct state *state);
/* Puts what the parent gave at 0, 1, 2, and the null device where it gave nothing. What was there is gone. */
int stdio_install(struct state *state);

#endif
