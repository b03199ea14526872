/* The first message of TLS, as far as it says whom it is for. */
#ifndef TSCOMPOSE_FRONT_TLS_H
#define TSCOMPOSE_FRONT_TLS_H

#include "front/name.h"

/* What a record begins with, and what it has at most. */
#define TLS_HEAD 5
#define TLS_RECORD_MAX 16384

/* Whom a client's first message is for (server_name, RFC 6066). 1: known, with an empty name where it says none; 0: there is to be more of it; -1: it is none. */
int tls_name(const uint8_t *bytes, size_t length, struct host_name *name);

#endif
