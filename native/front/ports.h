/* The ports that the front door has. */
#ifndef TSCOMPOSE_FRONT_PORTS_H
#define TSCOMPOSE_FRONT_PORTS_H

#include "front/state.h"

/* Lets go of what no route wants any more, and tries to have what one wants. */
void ports_follow(struct front *front);

#endif
