/* Where a settings file has the engine's folder: the one line of it that is needed to find the command host. */
#ifndef TSCOMPOSE_LAUNCHER_SETTINGS_H
#define TSCOMPOSE_LAUNCHER_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

/* Whether a variable is there and not empty. */
bool settings_is_set(const char *name);
/*
 * Looks for TSCOMPOSE_RUN in the user's file, then in the machine's. 1: found; 0: there is none; -1: the files want a reader who
 * understands all of their grammar (src/cli/settings.ts), or is to complain of them.
 */
int settings_run(char *run, size_t size);
/* Whether there may be a settings file: an engine that is begun obeys all of it. */
bool settings_exist(void);

#endif
