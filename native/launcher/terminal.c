#include "launcher/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

void terminal_set_raw(struct terminal *terminal, bool on)
{
	if (on == terminal->is_raw || (on && tcgetattr(STDIN_FILENO, &terminal->before) < 0))
		return;
	struct termios wanted = terminal->before;
	if (on) {
		wanted.c_iflag &= ~(tcflag_t)(BRKINT | ICRNL | INPCK | ISTRIP | IXON);
		wanted.c_oflag |= ONLCR;
		wanted.c_cflag |= CS8;
		wanted.c_lflag &= ~(tcflag_t)(ECHO | ICANON | IEXTEN | ISIG);
		wanted.c_cc[VMIN] = 1;
		wanted.c_cc[VTIME] = 0;
	}
	if (tcsetattr(STDIN_FILENO, TCSADRAIN, &wanted) == 0)
		terminal->is_raw = on;
}

bool terminal_size(int fd, uint32_t *rows, uint32_t *columns)
{
	struct winsize size = { 0 };
	*rows = *columns = 0;
	if (!isatty(fd))
		return false;
	if (ioctl(fd, TIOCGWINSZ, &size) == 0) {
		*rows = size.ws_row;
		*columns = size.ws_col;
	}
	return true;
}
