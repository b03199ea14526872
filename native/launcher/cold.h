/* A command by a process of its own: Node, started as if there were no launcher. */
#ifndef TSCOMPOSE_LAUNCHER_COLD_H
#define TSCOMPOSE_LAUNCHER_COLD_H

/* Becomes Node; returns the exit status where there is none. `script`: what was typed; `words`: what follows it. */
int run_cold(char *script, char *const words[]);

#endif
