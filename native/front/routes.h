/* Which name leads where. */
#ifndef TSCOMPOSE_FRONT_ROUTES_H
#define TSCOMPOSE_FRONT_ROUTES_H

#include "front/name.h"
#include "front/state.h"

/* Takes `count` routes as the engine writes them (src/native/front-wire.ts), in the place of those before. 0 or a negative errno, and nothing has changed then. */
int routes_take(struct front *front, const uint8_t *bytes, size_t count);
/* Where a name leads at a port; NULL: nowhere. */
const struct front_route *routes_find(const struct front *front, const struct host_name *name, uint16_t port);

#endif
