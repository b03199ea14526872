/* `seal`: gives the engine a sealed copy to spawn from. */
#include "core/sys.h"
#include "modes/modes.h"

int seal_mode(void)
{
	char byte = 0;
	ssize_t count = write(STDOUT_FILENO, &byte, 1) == 1 ? 1 : 0;
	while (count > 0 || (count < 0 && errno == EINTR))
		count = read(STDIN_FILENO, &byte, 1);
	return 0;
}
