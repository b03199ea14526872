/* What the child of every launch does, whichever way it is made. */
#ifndef TSCOMPOSE_CHILD_H
#define TSCOMPOSE_CHILD_H

#include "core/state.h"

/* Nothing of the engine's session reaches the command: signals, keyring, session, priorities, ptrace. */
int child_hygiene(const struct state *state);
/* What is written to /proc goes through the host's: a forerunner is not in the container's, nor can it make one in a user namespace. */
int hold_host_proc(struct state *state);
/* Joins the groups of the program, and ends with what fails. Behind it the launch goes on, and is what further failures are told of. */
void child_join_groups(struct state *state);
/* Waits for the parent's word; when it has gone we end. */
void child_await(struct state *state);
/* Tells the parent what failed, and ends. Nothing of the payload has run. By write, which every filter allows. */
_Noreturn void child_fail(struct state *state);

#endif
