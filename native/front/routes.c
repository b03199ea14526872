/* Routes come whole: there is no change of one, and none that was forgotten. */
#include "front/routes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint16_t load_u16(const uint8_t *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

/* {u16 port, u8 listens, u8 length of the name, u8[4] address, name}. */
static bool decode(const uint8_t *at, struct front_route *route)
{
	*route = (struct front_route){ .port = load_u16(at), .listens = at[2], .length = at[3] };
	memcpy(&route->address, at + 4, sizeof route->address);
	memcpy(route->name, at + 8, sizeof route->name);
	return route->port && route->length && route->length < FRONT_NAME_MAX;
}

int routes_take(struct front *front, const uint8_t *bytes, size_t count)
{
	struct front_route *routes = calloc(count + 1, sizeof *routes);
	if (!routes)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (!decode(bytes + i * FRONT_ROUTE_LENGTH, &routes[i])) {
			free(routes);
			return -EPROTO;
		}
	free(front->routes);
	front->routes = routes;
	front->route_count = count;
	return 0;
}

const struct front_route *routes_find(const struct front *front, const struct host_name *name, uint16_t port)
{
	for (size_t i = 0; name->length && i < front->route_count; i++) {
		const struct front_route *route = &front->routes[i];
		if (route->port == port && name_is_within(name, route->name, route->length))
			return route;
	}
	return NULL;
}
