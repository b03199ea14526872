/* The copy of this binary that all processes of ours run from. */
#ifndef TSCOMPOSE_SEALED_H
#define TSCOMPOSE_SEALED_H

#include "core/state.h"

/* Opens the copy that we run from; -EPERM: we run from a file of the host. */
int sealed_self(void);
/* Opens it for the init of a program that asks for one: inside, nothing leads to it any more. */
int sealed_for_init(struct state *state);
/* 0 when we run from a sealed copy; else begins anew from one, without environment. Only returns when that failed. */
int run_sealed(struct state *state, char **argv);

#endif
