/* Reads and writes that are whole or fail, messages with fds, and which fds are open. */
#ifndef TSCOMPOSE_IO_H
#define TSCOMPOSE_IO_H

#include <stddef.h>

int write_all(int fd, const void *bytes, size_t length);
/* Reads exactly so many bytes; -EPROTO when the other end stops before. */
int read_all(int fd, void *bytes, size_t length);
/* One write of the whole value, as /proc and cgroup files want it. */
int write_file(int folder, const char *path, const void *bytes, size_t length);
/* The beginning of a file as text, as far as `size` goes; empty when it cannot be read. Its length. */
size_t read_text(const char *path, char *text, size_t size);

/* Most fds that go with one message. */
#define SENT_FDS_MAX 253
/* Sends a message with fds, which stay ours as well; waits for nobody. 0 or a negative errno. */
int send_fds(int channel, const void *bytes, size_t length, const int *fds, size_t count);

/* Moves an fd to a number of its own, close-on-exec. A negative errno is passed on. */
int move_fd(int fd, int to);
/* Closes those that there are, and says -1 of each. */
void close_fds(int *fds, size_t count);
/* Closes all but 0, 1, 2 and two more; -1: none. */
int close_all_but(int one, int other);

#endif
