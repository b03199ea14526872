/* tscompose-native: the mode is the first argument, or what the spawner was asked for; all else comes through the program on fd 3. */
#include "core/state.h"
#include "core/sys.h"
#include "front/front.h"
#include "launch/forerunner.h"
#include "launch/init.h"
#include "launch/parent.h"
#include "launch/sealed.h"
#include "modes/modes.h"
#include "monitor/monitor.h"
#include "peer/peer.h"
#include "procfs/server.h"
#include "relay/relay.h"
#include "rules/rules.h"
#include "spawner/spawner.h"

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
/* The longest of all modes that it bears. */
#define SPAWNER "spawner"

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

/* What `ps` shows: the word of the command line, which is that of the spawner, and the name, which would be the number of an fd. */
static int set_name(char *word, const char *mode)
{
	char name[16];
	snprintf(name, sizeof name, "tscompose-%s", mode);
	if (word != mode)
		strncpy(word, mode, strlen(SPAWNER));
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

static int serve(const char *mode, struct state *state)
{
	if (!strcmp(mode, "run"))
		return run_mode(state);
	if (!strcmp(mode, "exec"))
		return exec_mode(state);
	if (!strcmp(mode, "hold"))
		return hold_mode(state);
	if (!strcmp(mode, "front"))
		return front_mode(state);
	return !strcmp(mode, "rules") ? rules_mode(state) : monitor_mode(state);
}

/*
 * Whoever still writes to us when we end is told that nobody is there, and would not read our last word any more. So we take what comes
 * until he has it and closes; our stdio has ended before.
 */
static void see_off(void)
{
	char bytes[4096];
	ssize_t count = 1;
	sys_close_range(STDIN_FILENO, STDERR_FILENO, 0);
	while (count > 0 || (count < 0 && errno == EINTR))
		count = read(PROGRAM_FD, bytes, sizeof bytes);
}

static int run(char *word, const char *mode, struct state *state)
{
	int error = set_name(word, mode);
	int code = error ? refuse(state, error) : serve(mode, state);
	/* A monitor has closed it long ago: nothing follows its program. */
	if (error || strcmp(mode, "monitor"))
		see_off();
	return code;
}

/* Serves, and is what the spawner bears as well: it returns in all of them. */
static int spawn(char *word, struct state *state)
{
	clearenv();
	const char *mode = set_name(word, word) ? NULL : spawner_serve(state);
	return mode ? run(word, mode, state) : 0;
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
	/* It runs from the sealed copy alone. A process is told to be careful where it enters a domain of SELinux, too. */
	if (argc > 3 && !strcmp(argv[1], "init"))
		return init_main(argc - 2, argv + 2);
	/* Somebody made the file setuid, or gave it capabilities: whoever runs it must not get them. */
	if (getauxval(AT_SECURE))
		return 125;
	if ((argc == 3 && !strcmp(argv[1], "relay")) || (argc == 2 && !strcmp(argv[1], "procfs")))
		return run_beside(argv[2]);
	if (argc == 2 && !strcmp(argv[1], "peer"))
		return peer_mode();
	struct state *state = calloc(1, sizeof *state);
	if (argc == 3 && state && !strcmp(argv[1], "forerun"))
		return run_forerunner(state, argv[2]);
	bool checks = argc == 2 && !strcmp(argv[1], "check");
	if (!state || !(checks || (argc == 2 && !strcmp(argv[1], SPAWNER)))) {
		fprintf(stderr, "tscompose-native is started by tscompose\n");
		return 125;
	}
	state_init(state);
	if (checks)
		return check_mode(state);
	umask(0);
	if (run_sealed(state, argv) || raise_fd_limit(state)) {
		send_reply(state, STDOUT_FILENO, -1);
		return 1;
	}
	return spawn(argv[1], state);
}
