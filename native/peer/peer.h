/* Who is at the other end of a connection. */
#ifndef TSCOMPOSE_PEER_H
#define TSCOMPOSE_PEER_H

/* Prints the user and group of the peer of the connection on fd 3; returns the exit code. */
int peer_mode(void);

#endif
