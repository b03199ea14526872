/* The command itself. */
#ifndef TSCOMPOSE_EXEC_H
#define TSCOMPOSE_EXEC_H

/* Only returns when it could not be run, with a negative errno. */
int exec_search(char *const *argv, char *const *env);

#endif
