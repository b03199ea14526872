/* Where connections by loopback are led past the relay. */
#ifndef TSCOMPOSE_RELAY_SHORTCUT_H
#define TSCOMPOSE_RELAY_SHORTCUT_H

#include "monitor/state.h"

/*
 * Has the listeners of TCP lead to the container in the map of this id, those that come later too: the engine's programs of BPF connect clients there. It goes with the map, which goes
 * with the engine; 0 is none. `numbers`: of the map, 0, and those of links that are held from then on, eight bytes at least. 0, or a negative errno.
 */
int relay_set_shortcut(struct monitor *monitor, const uint8_t *numbers, size_t length);

/* The same of listeners as they are now. What fails is the relay's, as without it. */
int relay_lead_past(const struct monitor *monitor);

/* Another monitor gets the listeners, which are its own to lead from then on: here they lead nowhere any more, and the relay has all until that one is told. */
void relay_lead_nowhere(struct monitor *monitor);

#endif
