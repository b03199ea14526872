/* Rights of the process that becomes the command. */
#ifndef TSCOMPOSE_IDENTITY_H
#define TSCOMPOSE_IDENTITY_H

#include "core/state.h"

/* Makes every permitted capability effective again, after a change of user. */
int raise_capabilities(void);
/* In another user namespace, once its maps are written: without ids that are mapped no file can be made. */
int become_root(void);
/*
 * What is ours goes before the filter comes, which may refuse to let it go: the command's name, and its interpreter's, may
 * lead through /proc/self/fd. The first time alone: later there is nothing.
 */
int leave_behind(struct state *state);

#endif
