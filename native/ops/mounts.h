/* Mounts that are attached nowhere. */
#ifndef TSCOMPOSE_MOUNTS_H
#define TSCOMPOSE_MOUNTS_H

/* Closes a mount to every change of what lies in it, times of access included. */
int protect_mount(int mount, unsigned attributes);

#endif
