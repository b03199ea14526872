/* One command in the host: its streams, signals and terminal are ours, until it has ended. */
#ifndef TSCOMPOSE_LAUNCHER_SESSION_H
#define TSCOMPOSE_LAUNCHER_SESSION_H

#include <signal.h>

/* What a session returns that is no exit status: nothing was done or written, and the command is to be run cold. */
#define SESSION_COLD -1

/* `control`: to the engine; `worker`: to whoever runs the command, the request was sent; both are closed here. `caught`: signals that are blocked here. */
int session_run(int control, int worker, sigset_t caught);

#endif
