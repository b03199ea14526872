/* Requests of HTTP/1, as far as they say whom they are for. */
#ifndef TSCOMPOSE_FRONT_HTTP_H
#define TSCOMPOSE_FRONT_HTTP_H

#include "front/name.h"

/* A head in which no host has been said until here is given up. */
#define HTTP_HEAD_MAX (16u << 10)
#define HTTP_HEAD_LONG 2

/*
 * Whom the first request of a connection is for (its target, or the field Host). 1: known, with an empty name where it says none; 0: there is to be more of it;
 * -1: it is none; HTTP_HEAD_LONG: it says none where it would be looked for.
 */
int http_host(const uint8_t *bytes, size_t length, struct host_name *name);

#endif
