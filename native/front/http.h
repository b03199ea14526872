/* Requests of HTTP/1, as far as they say whom they are for. */
#ifndef TSCOMPOSE_FRONT_HTTP_H
#define TSCOMPOSE_FRONT_HTTP_H

#include "front/name.h"

/* Whom the first request of a connection is for (the field Host). 1: known, with an empty name where it says none; 0: there is to be more of it; -1: it is none. */
int http_host(const uint8_t *bytes, size_t length, struct host_name *name);

#endif
