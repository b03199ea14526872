/* What the relay says. */
#ifndef TSCOMPOSE_RELAY_LESSONS_H
#define TSCOMPOSE_RELAY_LESSONS_H

#include "monitor/state.h"

/* Takes one word of the relay's, and obeys it where it is a lesson; a relay that has closed its channel is ended. The word, or a negative errno where there is none. */
int relay_hear(struct monitor *monitor);

#endif
