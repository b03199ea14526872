/* tscompose-native: the mode is the first argument, everything else comes through the program on fd 3. */
#include "core/state.h"
#include "core/sys.h"
#include "launch/forerunner.h"
#include "launch/init.h"
#include "launch/parent.h"
#include "launch/sealed.h"
#include "modes/modes.h"
#include "monitor/monitor.h"
#include "procfs/server.h"
#include "relay/relay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* As many fds as a container may have: a monitor has one for each published port. */
#define FDS_WANTED 1048576
/* Some have numbers of their own, above those that slots, pipes and connections take. */
#define FDS_NEEDED 256

/* Takes what the kernel grants; a process that is launched gets the limit that its program says. */
static int raise_fd_limit(struct state *state)
{
	struct rlimit limit, wanted = { FDS_WANTED, FDS_WANTED };
	if (getrlimit(RLIMIT_NOFILE, &limit))
		return fail(state, errno, NULL);
	if (limit.rlim_cur >= FDS_WANTED || !setrlimit(RLIMIT_NOFILE, &wanted))
		return 0;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		return fail(state, errno, NULL);
	return limit.rlim_cur < FDS_NEEDED ? fail(state, EMFILE, "ulimit -n") : 0;
}

/* Node leaves fds and an environment to its children; ours have neither, but 0 to 2, the program and the reply. */
static int hygiene(void)
{
	clearenv();
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return -errno;
	return sys_close_range(5, ~0u, 0);
}

/* What `ps` shows: a binary that is executed by its fd would be named after the number. */
static int set_name(const char *mode)
{
	char name[16];
	snprintf(name, sizeof name, "tscompose-%s", mode);
	return prctl(PR_SET_NAME, name) ? -errno : 0;
}

/* What fails before there is a program is no operation's fault. */
static int refuse(struct state *state, int error)
{
	state->current.index = ABSENT;
	fail(state, error, "process");
	send_reply(state, REPLY_FD, -1);
	return 1;
}

static int run(const char *mode, struct state *state)
{
	if (!strcmp(mode, "seal"))
		return seal_mode();
	int error = hygiene();
	if (!error)
		error = set_name(mode);
	if (error)
		return refuse(state, error);
	if (!strcmp(mode, "run"))
		return run_mode(state);
	if (!strcmp(mode, "exec"))
		return exec_mode(state);
	if (!strcmp(mode, "hold"))
		return hold_mode(state);
	if (!strcmp(mode, "monitor"))
		return monitor_mode(state);
	return 125;
}

/* Its parent executes it anew from the copy that it runs from itself. */
static int run_forerunner(struct state *state, const char *handle)
{
	if (prctl(PR_SET_NAME, "tscompose-start") || forerunner_resume(state, atoi(handle)))
		return 125;
	launch_again(state);
}

/* Programs of their own that their monitor executes from the copy that it runs from itself: the relay, with a file, and the other. */
static int run_beside(const char *file)
{
	int fd = sealed_self();
	if (fd < 0 || close(fd))
		return 125;
	return file ? relay_mode(file) : procfs_mode();
}

int main(int argc, char **argv)
{
	/* Somebody made the file setuid, or gave it capabilities: whoever runs it must not get them. */
	if (getauxval(AT_SECURE))
		return 125;
	if (argc > 3 && !strcmp(argv[1], "init"))
		return init_main(argc - 2, argv + 2);
	if (argc == 3 && !strcmp(argv[1], "relay"))
		return run_beside(argv[2]);
	if (argc == 2 && !strcmp(argv[1], "procfs"))
		return run_beside(NULL);
	struct state *state = calloc(1, sizeof *state);
	if (argc == 3 && state && !strcmp(argv[1], "forerun"))
		return run_forerunner(state, argv[2]);
	if (argc != 2 || !state) {
		fprintf(stderr, "tscompose-native is started by tscompose; its program comes on fd 3\n");
		return 125;
	}
	state_init(state);
	if (!strcmp(argv[1], "check"))
		return check_mode(state);
	umask(0);
	if (run_sealed(state, argv) || raise_fd_limit(state)) {
		send_reply(state, REPLY_FD, -1);
		return 1;
	}
	return run(argv[1], state);
}
