/* Who prepares a process outside of the pid namespace that it is born into. */
#ifndef TSCOMPOSE_FORERUNNER_H
#define TSCOMPOSE_FORERUNNER_H

#include "core/state.h"

/* Whether any of the namespaces to be joined is one of pids: 1 or 0. */
int joins_pid_namespace(struct state *state, const struct field *slots);
/* In the child: begins anew. Nothing of its parent's memory comes along but the part of the program that it runs. */
_Noreturn void forerunner_begin(struct state *state);
/* Having begun anew: takes up the state and the program where they were written down. */
int forerunner_resume(struct state *state, int handle);
/* When all is done: bears the process, and ends. */
_Noreturn void forerunner_bear(struct state *state);

#endif
