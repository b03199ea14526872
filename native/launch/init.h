/* PID 1 of containers with `init`. */
#ifndef TSCOMPOSE_INIT_H
#define TSCOMPOSE_INIT_H

/* init CHANNEL COMMAND ARGUMENT… */
int init_main(int argc, char **argv);

#endif
