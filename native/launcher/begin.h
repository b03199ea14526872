/* An engine that is begun for a command which will need one, and which its host can run: Node starts once, not twice. */
#ifndef TSCOMPOSE_LAUNCHER_BEGIN_H
#define TSCOMPOSE_LAUNCHER_BEGIN_H

#include <stdbool.h>

/*
 * Starts an engine as a command of these words would do itself (src/project/start-engine.ts), and waits until it listens. False where
 * the command has to see to that: it may need none, what it gets cannot be told here, or there is none after all. `home`: the
 * folder of the programs; `run`: of the engine's sockets.
 */
bool begin_engine(const char *home, const char *build, const char *run, char *const words[]);

#endif
