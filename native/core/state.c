/* The state itself: slots, failure, results, and the reply made of them. */
#include "core/state.h"
#include "core/io.h"
#include "core/sys.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define RESULTS_MAX (32u * 1024 * 1024)
#define REPLY_HEAD 36u

void state_init(struct state *state)
{
	memset(state, 0, sizeof *state);
	for (unsigned i = 0; i < SLOT_MAX; i++)
		state->slots[i] = -1;
	state->root = state->proc = state->hide = state->target = state->input = state->self = state->caller = state->tended.fd = -1;
	state->null = state->null_mount = state->spare_null = state->hide_file = state->fresh = state->fuse = state->net_sysctls = state->held = state->own_ipc = state->own_uts = -1;
	memset(state->dumps, -1, sizeof state->dumps);
	memset(state->talks, -1, sizeof state->talks);
	state->stdio[0] = state->stdio[1] = state->stdio[2] = -1;
	state->process = (struct process){ .pid = 0, .pidfd = -1, .channel = -1, .terminal = -1 };
	state->umask = 022;
}

int fail(struct state *state, int error, const char *detail)
{
	if (error < 0)
		error = -error;
	if (!state->failure.error) {
		state->failure.error = error;
		state->failure.op = state->current.index;
		state->failure.stage = state->current.stage;
	}
	if (detail && !state->failure.detail[0])
		strncpy(state->failure.detail, detail, DETAIL_MAX - 1);
	return -error;
}

void state_close_slots(struct state *state, bool kept)
{
	for (unsigned i = 0; i < SLOT_MAX; i++) {
		if (state->slots[i] < 0 || (state->kept[i] && !kept))
			continue;
		close(state->slots[i]);
		state->slots[i] = -1;
		state->kept[i] = false;
	}
}

int slot_set(struct state *state, uint64_t slot, int fd)
{
	if (fd < 0)
		return fail(state, fd, NULL);
	if (state->slots[slot] >= 0)
		close(state->slots[slot]);
	state->slots[slot] = fd;
	state->tree[slot] = false;
	state->kept[slot] = state->current.stage == STAGE_SETUP;
	return 0;
}

int slot_get(struct state *state, uint64_t slot)
{
	if (slot >= SLOT_MAX || state->slots[slot] < 0)
		return fail(state, EBADF, "empty slot");
	return state->slots[slot];
}

static int append_u32(struct buffer *buffer, uint32_t number)
{
	return buffer_append(buffer, &number, sizeof number, RESULTS_MAX);
}

int add_result(struct state *state, const void *bytes, size_t length)
{
	int error = append_u32(&state->results, state->current.index);
	if (!error)
		error = append_u32(&state->results, (uint32_t)length);
	if (!error)
		error = buffer_append(&state->results, bytes, length, RESULTS_MAX);
	if (error)
		return fail(state, error, NULL);
	state->result_count++;
	return 0;
}

int build_reply(struct state *state, int exit_code, struct buffer *out)
{
	const struct failure *failure = &state->failure;
	uint32_t detail = (uint32_t)strnlen(failure->detail, DETAIL_MAX);
	uint32_t head[REPLY_HEAD / 4] = {
		REPLY_MAGIC,
		REPLY_HEAD + detail + (uint32_t)state->results.length,
		(uint32_t)failure->error,
		failure->op,
		failure->stage,
		(uint32_t)state->process.pid,
		(uint32_t)exit_code,
		detail,
		state->result_count,
	};
	out->length = 0;
	int error = buffer_append(out, head, sizeof head, RESULTS_MAX);
	if (!error)
		error = buffer_append(out, failure->detail, detail, RESULTS_MAX);
	if (!error)
		error = buffer_append(out, state->results.bytes, state->results.length, 2 * RESULTS_MAX);
	return error;
}

int send_reply(struct state *state, int fd, int exit_code)
{
	struct buffer out = { 0 };
	int error = build_reply(state, exit_code, &out);
	if (!error)
		error = write_all(fd, out.bytes, out.length);
	/* Whoever waits for it hears that none comes; else he would wait for us, and we for his end. */
	if (error)
		shutdown(fd, SHUT_WR);
	free(out.bytes);
	return error;
}

/* It lies in a mapping of its own, so that who must not see the container's environment can be without it. */
int read_program(struct state *state, int fd)
{
	uint8_t head[PROGRAM_HEAD];
	uint32_t bad_op;
	int error = read_all(fd, head, sizeof head);
	if (error)
		return fail(state, error, "program head");
	uint32_t length = load_u32(head + 12);
	if (load_u32(head) != PROGRAM_MAGIC || length < PROGRAM_HEAD || length > PROGRAM_MAX)
		return fail(state, EPROTO, "program head");
	uint8_t *bytes = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (bytes == MAP_FAILED)
		return fail(state, errno, "program");
	memcpy(bytes, head, sizeof head);
	error = read_all(fd, bytes + sizeof head, length - sizeof head);
	if (error)
		return fail(state, error, "program");
	error = program_check(&state->program, bytes, length, &bad_op);
	if (error)
		state->current.index = bad_op;
	return error ? fail(state, error, "program check") : 0;
}
