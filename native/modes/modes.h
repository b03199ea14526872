/* The modes that serve one program. Each returns the exit code. */
#ifndef TSCOMPOSE_MODES_H
#define TSCOMPOSE_MODES_H

#include "core/state.h"

/* Runs a program of outside operations; one with a process is waited for, with its output at our stdout and stderr. */
int run_mode(struct state *state);
/* Two replies: that the command runs (or why not), and how it ended. It is not bound to our caller's life. */
int exec_mode(struct state *state);
/* Reads a program from stdin and prints its operations, without using any privilege. */
int check_mode(struct state *state);
/* Runs the setup of a program and holds what it made until its caller lets go of it. */
int hold_mode(struct state *state);

#endif
