/* The modes that live as long as one program: `run` executes it once, `exec` runs a command in a container. */
#include "core/state.h"
#include "core/sys.h"
#include "launch/parent.h"
#include "launch/sealed.h"
#include "modes/modes.h"
#include "modes/pump.h"
#include "ops/namespaces.h"
#include "ops/stage.h"
#include "ops/terminal.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

/* The pipes between us and the process. Sockets, which Node gives, cannot be reopened as /dev/stdout. */
struct pipes {
	int outputs[2];
	int input;
};

static bool is_null_device(int fd)
{
	struct stat info;
	return fstat(fd, &info) || (S_ISCHR(info.st_mode) && info.st_rdev == makedev(1, 3));
}

/*
 * A pipe that whoever holds it may reopen as /dev/stdout, in a user namespace too, where we cannot give it to its user.
 * It has no name: nobody else can.
 */
static int open_pipe(struct state *state, int ends[2])
{
	int error = stdio_pipe(state, ends);
	return !error && fchmod(ends[0], 0666) ? -errno : error;
}

static int make_pipes(struct state *state, struct pipes *pipes)
{
	int ends[2];
	*pipes = (struct pipes){ { -1, -1 }, -1 };
	if (program_has(&state->program, OP_CONSOLE))
		return 0;
	for (int i = 0; i < 2; i++) {
		int error = open_pipe(state, ends);
		if (error)
			return error;
		pipes->outputs[i] = ends[0];
		state->stdio[i + 1] = ends[1];
	}
	if (is_null_device(STDIN_FILENO))
		return 0;
	int error = open_pipe(state, ends);
	if (error)
		return error;
	state->stdio[0] = ends[0];
	pipes->input = ends[1];
	return 0;
}

/* The process has its ends; ours would keep the pipes from ending. */
static void close_child_ends(struct state *state)
{
	for (int i = 0; i < 3; i++) {
		if (state->stdio[i] >= 0)
			close(state->stdio[i]);
		state->stdio[i] = -1;
	}
}

/* Exit code as a shell says it. */
static int reap(struct process *process)
{
	int status = 0;
	while (waitpid(process->pid, &status, 0) < 0)
		if (errno != EINTR)
			return 255;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int start(struct state *state, struct pipes *pipes)
{
	int error = make_pipes(state, pipes);
	if (!error)
		error = sealed_for_init(state);
	if (error)
		return fail(state, error, "stdio");
	error = launch(state);
	close_child_ends(state);
	if (!error && state->process.terminal >= 0) {
		pipes->outputs[0] = state->process.terminal;
		pipes->input = state->process.terminal;
	}
	return error;
}

/* A look mounts nothing, and nothing that it opens is a mount's. */
static bool goes_beyond_setup(const struct program *program)
{
	struct cursor cursor = { 0 };
	struct op op = { 0 };
	while (program_next(program, &cursor, &op))
		;
	return op.stage > STAGE_SETUP;
}

static int before(struct state *state)
{
	signal(SIGPIPE, SIG_IGN);
	state->caller = PROGRAM_FD;
	int error = read_program(state, PROGRAM_FD);
	/* Who joins a container makes nothing outside: the child has less of the host's to let go of. */
	bool joins = !error && program_has(&state->program, OP_JOIN);
	if (!error && !joins)
		error = netns_remember_host();
	if (!error && !joins && goes_beyond_setup(&state->program))
		error = enter_mounts(state);
	if (!error)
		error = run_stage(state, STAGE_SETUP);
	if (!error)
		error = run_stage(state, STAGE_OUTSIDE);
	return error ? fail(state, error, NULL) : 0;
}

int run_mode(struct state *state)
{
	struct pipes pipes;
	int exit_code = -1;
	state->input = PROGRAM_FD;
	int error = before(state);
	if (!error && program_has(&state->program, OP_CLONE)) {
		state->die_with_parent = true;
		error = start(state, &pipes);
		if (!error && pump(state, pipes.outputs, pipes.input, PROGRAM_FD) < 0)
			sys_pidfd_send_signal(state->process.pidfd, SIGKILL);
		if (!error)
			exit_code = reap(&state->process);
	}
	send_reply(state, REPLY_FD, exit_code);
	return error ? 1 : 0;
}

int exec_mode(struct state *state)
{
	struct pipes pipes;
	int error = before(state);
	if (!error)
		error = start(state, &pipes);
	send_reply(state, REPLY_FD, -1);
	if (error)
		return 1;
	state_close_slots(state, true);
	if (pump(state, pipes.outputs, pipes.input, PROGRAM_FD) < 0)
		return 1;
	send_reply(state, REPLY_FD, reap(&state->process));
	return 0;
}
