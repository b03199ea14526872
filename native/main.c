/* tscompose-native: the mode is the first argument, everything else comes through the program on fd 3. */
#include "core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

/* Node leaves fds and an environment to its children; ours have neither, but 0 to 2, the program and the reply. */
static int hygiene(void)
{
	clearenv();
	umask(0);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return -errno;
	return sys_close_range(5, ~0u, 0);
}

static int run(const char *mode, struct state *state)
{
	if (!strcmp(mode, "check"))
		return check_mode(state);
	if (hygiene())
		return 125;
	if (!strcmp(mode, "run"))
		return run_mode(state);
	if (!strcmp(mode, "exec"))
		return exec_mode(state);
	if (!strcmp(mode, "monitor"))
		return monitor_mode(state);
	return 125;
}

int main(int argc, char **argv)
{
	if (argc > 3 && !strcmp(argv[1], "init"))
		return init_main(argc - 2, argv + 2);
	struct state *state = malloc(sizeof *state);
	if (argc != 2 || !state) {
		fprintf(stderr, "tscompose-native is started by tscompose; its program comes on fd 3\n");
		return 125;
	}
	state_init(state);
	return run(argv[1], state);
}
