/*
 * The container's first process. The parent stays outside; the child waits until it is attended to, runs the inside
 * stage and becomes the command. A SOCK_SEQPACKET channel joins them: the parent sends one byte to go, the child sends
 * its terminal, or what failed; exec closes it.
 */
#include "launch/parent.h"
#include "core/io.h"
#include "core/state.h"
#include "core/sys.h"
#include "launch/await.h"
#include "launch/child.h"
#include "launch/clone.h"
#include "launch/group.h"
#include "launch/join.h"
#include "ops/stage.h"
#include "ops/terminal.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

static int find_launch(const struct state *state, struct op *op)
{
	struct cursor cursor = { 0 };
	while (program_next(&state->program, &cursor, op))
		if (op->stage == STAGE_LAUNCH)
			return 0;
	return -ENOENT;
}

_Noreturn void launch_again(struct state *state)
{
	struct field fields[FIELD_MAX];
	struct op op;
	int error = find_launch(state, &op);
	state->current = op;
	if (!error)
		error = op_fields(&op, fields);
	if (error) {
		fail(state, error, NULL);
		child_fail(state);
	}
	if (op.kind == OP_JOIN)
		joined_child(state);
	cloned_child(state, fields);
}

/*
 * What whoever called the engine chose for his own command (nice, ionice, taskset, choom) would stay with containers
 * for as long as they live. The groups of a container say what it may use, also of the processors.
 */
static void forget_callers_share(struct state *state)
{
	unsigned char processors[1024];
	char text[16];
	memset(processors, 0xff, sizeof processors);
	setpriority(PRIO_PROCESS, 0, 0);
	syscall(SYS_ioprio_set, 1 /* IOPRIO_WHO_PROCESS */, 0, 0 /* IOPRIO_CLASS_NONE */);
	syscall(SYS_sched_setaffinity, 0, sizeof processors, processors);
	/* Lowering it may need a right that we have not, as all of this: then it stays as it was. */
	state->unscored = read_text("/proc/self/oom_score_adj", text, sizeof text) && !strcmp(text, "0\n");
	if (!state->unscored && text[0] != '-')
		state->unscored = !write_file(AT_FDCWD, "/proc/self/oom_score_adj", "0", 1);
}

static int try_launch(struct state *state, const struct op *op, const struct field *fields)
{
	state->current = *op;
	int error = op->kind == OP_CLONE ? clone_child(state, fields) : join_child(state, fields);
	if (error)
		fail(state, error, NULL);
	if (!error)
		error = run_stage(state, STAGE_ATTEND);
	/* One that has died takes no word: how it ended is found out by who waits for it. */
	if (!error && send(state->process.channel, "", 1, MSG_NOSIGNAL) != 1 && errno != EPIPE && errno != ECONNRESET)
		error = fail(state, errno, "start");
	return error ? error : await_exec(state);
}

int launch(struct state *state)
{
	struct field fields[FIELD_MAX];
	struct op op;
	state->forerunner = false;
	forget_callers_share(state);
	int error = find_launch(state, &op);
	if (!error)
		error = stdio_prepare_null(state);
	if (error)
		return error;
	state->current = op;
	error = op_fields(&op, fields);
	if (!error)
		error = try_launch(state, &op, fields);
	if (error && group_kills_newborn(state)) {
		process_give_up(&state->process);
		state->failure = (struct failure){ 0 };
		error = try_launch(state, &op, fields);
	}
	/* Nobody would know it later for the one that it is. It cannot have been reaped yet, so the pid is still its own. */
	if (!error && !state->process.start)
		error = process_start_time(state->process.pid, &state->process.start);
	if (error)
		fail(state, error, NULL);
	if (error && state->process.pid > 0)
		process_give_up(&state->process);
	return error;
}
