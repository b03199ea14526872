/* Removes trees of any depth. */
#ifndef TSCOMPOSE_REMOVE_H
#define TSCOMPOSE_REMOVE_H

/* Removes an entry of an open folder with everything in it. Nothing there is fine. */
int remove_tree(int parent, const char *name);

#endif
