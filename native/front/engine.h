/* The engine, who says which instances there are. */
#ifndef TSCOMPOSE_FRONT_ENGINE_H
#define TSCOMPOSE_FRONT_ENGINE_H

#include "front/state.h"

/* Listens at a socket of a folder, in the place of one that has gone. 0 or a negative errno. */
int engine_listen(struct front *front, const char *folder);
/* Begins to serve who comes there. 0 or a negative errno. */
int engine_start(struct front *front);

#endif
