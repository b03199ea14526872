/* The terminal of whoever typed the command. */
#ifndef TSCOMPOSE_LAUNCHER_TERMINAL_H
#define TSCOMPOSE_LAUNCHER_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>
#include <termios.h>

struct terminal {
	bool is_raw;
	struct termios before;
};

/* Gives single keys, as Node's setRawMode does it, or what it gave before. */
void terminal_set_raw(struct terminal *terminal, bool on);
/* Rows and columns; both 0 where it is no terminal or knows none. False: it is no terminal. */
bool terminal_size(int fd, uint32_t *rows, uint32_t *columns);

#endif
