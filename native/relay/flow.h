/* One direction of a TCP session: from one socket to the other, no more of it in hand than the other has not taken yet. */
#ifndef TSCOMPOSE_RELAY_FLOW_H
#define TSCOMPOSE_RELAY_FLOW_H

#include "relay/loop.h"
#include "relay/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flow {
	struct watch *from, *to;
	uint8_t *pending; /* read, but not yet taken by `to` */
	size_t start, length;
	size_t moved; /* bytes so far, up to where it counts as much */
	int pipe[2]; /* of a flow that moves much: the kernel hands its bytes on without a copy; -1: none */
	size_t piped; /* bytes in it */
	bool ended; /* `from` has no more */
	bool shut; /* and `to` has been told */
	int refused; /* why `to` takes nothing any more, an errno: `from` is not read then, and what was held is dropped */
	bool cut; /* `from` is known to be gone in the middle: what reads like its end is none */
};

void flow_open(struct flow *flow, struct watch *from, struct watch *to);
/* Moves what can be moved now, with a limit that is fair to others. 0, or a negative errno: it never will again (see `refused`). */
int flow_move(struct relay *relay, struct flow *flow);
/* Whether something was read that the other side has not taken: it is not read meanwhile. */
bool flow_is_held(const struct flow *flow);
void flow_close(struct relay *relay, struct flow *flow);

#endif
