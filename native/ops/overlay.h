/* Mounts that lie over `/` for as long as an older kernel wants them attached. */
#ifndef TSCOMPOSE_OVERLAY_H
#define TSCOMPOSE_OVERLAY_H

/* Takes them away: the last comes first, for a lookup goes to the top of the stack. */
int detach_trees(const int *attached, unsigned count);

#endif
