/* Connections of the host's own programs to containers. */
#ifndef TSCOMPOSE_PEERS_H
#define TSCOMPOSE_PEERS_H

#include "core/state.h"

/*
 * Ends the TCP connections of this network namespace to addresses that nobody has any more: no answer would ever come from there, and who sends would be
 * left to himself for a quarter of an hour. What was received is still read. The bytes are of each address {u32 family, 16 bytes} (src/native/flow-wire.ts).
 * 0, or a negative errno.
 */
int end_peers(struct state *state, const uint8_t *bytes, size_t length);

#endif
