/*
 * The launcher: what `tscompose` is on this machine. Where an engine of this build runs, its command host runs the command, and
 * this process is its streams, signals and terminal. Everywhere else it becomes Node. It has no privilege, and does nothing
 * to what it is told but to pass it on.
 */
#include "launcher/begin.h"
#include "launcher/cold.h"
#include "launcher/host.h"
#include "launcher/request.h"
#include "launcher/session.h"
#include "launcher/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Milliseconds that a host is given to say who runs the command: so long it takes to start one on a busy machine. */
#define PATIENCE 5000
#define RUN_FOLDER "/run/tscompose"

/* Another program may have closed them: the sockets must not be what the command writes to. */
static int open_standard_streams(void)
{
	int fd;
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd < 3);
	return fd < 0 ? -1 : close(fd);
}

/* The folder that has `dist` with this program in it. */
static bool find_home(char *home, size_t size)
{
	ssize_t length = readlink("/proc/self/exe", home, size - 1);
	home[length < 0 ? 0 : length] = 0;
	for (int i = 0; i < 2; i++) {
		char *slash = strrchr(home, '/');
		if (slash == NULL)
			return false;
		*slash = 0;
	}
	return true;
}

/* The build that this program is of. */
static bool read_build(const char *home, char *build, size_t size)
{
	char path[PATH_MAX];
	int fd = -1;
	if (snprintf(path, sizeof path, "%s/dist/programs/build", home) < (int)sizeof path)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t count = read(fd, build, size - 1);
	close(fd);
	build[count < 0 ? 0 : count] = 0;
	return count > 0;
}

/* The folder of the engine's sockets; false where a command has to find its engine by itself. */
static bool find_run(char *path, size_t size)
{
	char named[PATH_MAX] = "";
	const char *run = getenv("TSCOMPOSE_RUN");
	if (settings_is_set("TSCOMPOSE_COLD") || settings_is_set("DOCKER_HOST") || (run == NULL && settings_run(named, sizeof named) < 0))
		return false;
	if (run == NULL)
		run = named;
	if (run[0] == 0)
		run = RUN_FOLDER;
	int length = snprintf(path, size, "%s", run);
	return run[0] == '/' && (size_t)length < size;
}

/* Asks the engine at `control` for a worker and hands it the command; its socket, or -1. */
static int hand_over(int control, const char *build, char *const argv[], char *const environment[])
{
	struct texts hello = { 0 }, command = { 0 };
	struct inbox *inbox = calloc(1, sizeof *inbox);
	struct arrival answer;
	const char *slash = strrchr(argv[1], '/');
	int worker = -1;
	if (inbox != NULL && request_hello(&hello, build, argv + 2) == 0 &&
		request_command(&command, slash == NULL ? argv[1] : slash + 1, argv + 2, environment) == 0 &&
		host_send(control, WIRE_HELLO, hello.bytes, hello.length) == 0) {
		inbox->fd = control;
		if (host_await(inbox, &answer, PATIENCE) == 0 && answer.kind == WIRE_GO && answer.length > 0 &&
			answer.payload[answer.length - 1] == 0)
			worker = host_connect((const char *)answer.payload);
	}
	/* One that is gone has begun nothing, and the session finds that out. */
	if (worker >= 0)
		(void)host_send(worker, WIRE_REQUEST_FRAME, command.bytes, command.length);
	free(hello.bytes);
	free(command.bytes);
	free(inbox);
	return worker;
}

/* Connects to the host, of an engine that is begun where none runs. */
static int find_host(const char *home, const char *build, const char *run, char *const words[])
{
	char path[PATH_MAX];
	if (snprintf(path, sizeof path, "%s/command.sock", run) >= (int)sizeof path)
		return -ENAMETOOLONG;
	int control = host_connect(path);
	bool is_missing = control == -ENOENT || control == -ECONNREFUSED;
	return is_missing && begin_engine(home, build, run, words) ? host_connect(path) : control;
}

static int run_warm(char *const argv[], char *const environment[])
{
	char home[PATH_MAX], run[PATH_MAX], build[64];
	if (!find_run(run, sizeof run) || !find_home(home, sizeof home) || !read_build(home, build, sizeof build))
		return SESSION_COLD;
	int control = find_host(home, build, run, argv + 2), status = SESSION_COLD;
	if (control < 0)
		return SESSION_COLD;
	sigset_t caught, before;
	/* As soon as there is somebody to tell of them; until then they end this process, as they would Node. */
	sigemptyset(&caught);
	sigaddset(&caught, SIGINT);
	sigaddset(&caught, SIGTERM);
	sigaddset(&caught, SIGWINCH);
	(void)sigprocmask(SIG_BLOCK, &caught, &before);
	sighandler_t pipe_before = signal(SIGPIPE, SIG_IGN);
	int worker = hand_over(control, build, argv, environment);
	if (worker >= 0)
		status = session_run(control, worker, caught);
	else
		close(control);
	(void)signal(SIGPIPE, pipe_before);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return status;
}

/* `argv[1]` is what was typed, as the script says that starts us. */
int main(int argc, char *argv[], char *environment[])
{
	if (argc < 2 || open_standard_streams() < 0)
		return 126;
	int status = run_warm(argv, environment);
	return status == SESSION_COLD ? run_cold(argv[1], argv + 2) : status;
}
