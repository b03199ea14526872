/* What is said to who wants an instance that is not there. */
#ifndef TSCOMPOSE_FRONT_ANSWER_H
#define TSCOMPOSE_FRONT_ANSWER_H

#include "front/name.h"
#include "front/state.h"

/* A page, which names the instances at the port to who means this machine. */
void answer_http(struct front *front, int fd, const struct host_name *name, uint16_t port);
/* That no host was said in the first 16 KiB (RFC 6585, 5). */
void answer_long(int fd);
/* That nobody has the name. */
void answer_tls(int fd);

#endif
