/* The relay's life, as its monitor sees it. */
#ifndef TSCOMPOSE_RELAY_LIFE_H
#define TSCOMPOSE_RELAY_LIFE_H

#include "monitor/state.h"

/* Starts it, when it is needed and does not run. */
void relay_spawn(struct monitor *monitor);
/* Tells one that runs, with fds; waits for nobody. 0 or a negative errno. */
int relay_tell(const struct relay_process *relay, const struct relay_message *told, const int *fds, size_t count);
/* It died: at once again, or a second later when it dies as soon as it is born. */
void relay_ended(struct monitor *monitor);
/* An fd that is readable when something happened to a child that its pidfd does not tell: it was stopped. */
int relay_watch_children(void);
/* A relay that somebody stopped goes on: names and ports are nothing to take away by one signal. */
void relay_continue(struct monitor *monitor);
/* Where nobody reaps what we leave, the relay would stay for ever. */
void relay_stop(struct monitor *monitor);

#endif
