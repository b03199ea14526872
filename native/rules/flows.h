/* Flows that connection tracking remembers. */
#ifndef TSCOMPOSE_FLOWS_H
#define TSCOMPOSE_FLOWS_H

#include "core/state.h"

/*
 * Ends all flows that one of the matches is about, unless another behind it, which keeps them, is too: the kernel decides anew where their next packet
 * goes. The bytes are matches, as src/native/flow-wire.ts has them. 0, or a negative errno.
 */
int drop_flows(struct state *state, int fd, const uint8_t *bytes, size_t length);

#endif
