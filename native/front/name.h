/* Names of hosts as clients say them. */
#ifndef TSCOMPOSE_FRONT_NAME_H
#define TSCOMPOSE_FRONT_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOST_NAME_LENGTH 253

/* In small letters, without a port or a dot at the end; empty: none was said, or what is none. */
struct host_name {
	size_t length;
	char text[HOST_NAME_LENGTH + 1];
};

/* Takes what a client has said. */
void name_take(struct host_name *name, const uint8_t *bytes, size_t length);
/* Whether it is this name, or one below it. */
bool name_is_within(const struct host_name *name, const char *above, size_t length);
/* Whether no name server has a say in it: whoever has said it means this machine. */
bool name_is_of_machine(const struct host_name *name);

#endif
