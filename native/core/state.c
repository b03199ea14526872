/* The state itself: slots, failure, results, and the reply made of them. */
#include "core/core.h"

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
	state->root = state->proc = state->hide = state->target = state->input = state->self = state->caller = -1;
	state->null = state->null_mount = -1;
	state->stdio[0] = state->stdio[1] = state->stdio[2] = -1;
	state->process = (struct process){ .pid = 0, .pidfd = -1, .channel = -1, .terminal = -1 };
	state->umask = 022;
}

/* Notes what failed, once: the first failure is the cause. Returns the negative errno for the caller to return. */
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

/* Puts an fd (or a negative errno, which is passed on) into a slot. */
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

/* The fd in a slot; -EBADF when nothing filled it. */
int slot_get(struct state *state, uint64_t slot)
{
	if (slot >= SLOT_MAX || state->slots[slot] < 0)
		return fail(state, EBADF, "empty slot");
	return state->slots[slot];
}

int buffer_append(struct buffer *buffer, const void *bytes, size_t length, size_t limit)
{
	if (length > limit || buffer->length > limit - length)
		return -EOVERFLOW;
	if (buffer->length + length > buffer->capacity) {
		size_t capacity = buffer->capacity ? buffer->capacity : 4096;
		while (capacity < buffer->length + length)
			capacity *= 2;
		uint8_t *grown = realloc(buffer->bytes, capacity);
		if (!grown)
			return -ENOMEM;
		buffer->bytes = grown;
		buffer->capacity = capacity;
	}
	if (length)
		memcpy(buffer->bytes + buffer->length, bytes, length);
	buffer->length += length;
	return 0;
}

void buffer_consume(struct buffer *buffer, size_t length)
{
	buffer->length -= length;
	memmove(buffer->bytes, buffer->bytes + length, buffer->length);
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

/* Writes the reply: failure, pid, exit code (-1: none) and results. */
int send_reply(struct state *state, int fd, int exit_code)
{
	struct buffer out = { 0 };
	int error = build_reply(state, exit_code, &out);
	if (!error)
		error = write_all(fd, out.bytes, out.length);
	free(out.bytes);
	return error;
}

int write_all(int fd, const void *bytes, size_t length)
{
	const uint8_t *at = bytes;
	while (length) {
		ssize_t count = write(fd, at, length);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		at += count;
		length -= (size_t)count;
	}
	return 0;
}

/* Reads exactly so many bytes; -EPROTO when the other end stops before. */
int read_all(int fd, void *bytes, size_t length)
{
	uint8_t *at = bytes;
	while (length) {
		ssize_t count = read(fd, at, length);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		if (count == 0)
			return -EPROTO;
		at += count;
		length -= (size_t)count;
	}
	return 0;
}

/*
 * Reads and checks the program. It lies in a mapping of its own, so that a process that must not see the container's
 * environment (the relay) can drop it.
 */
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

/* Moves an fd to a number of its own, close-on-exec. */
int move_fd(int fd, int to)
{
	if (fd < 0 || fd == to)
		return fd;
	int result = (int)sys_result(dup3(fd, to, O_CLOEXEC));
	close(fd);
	return result;
}

/* Closes the fds between two, neither of them included. */
static int close_between(int after, int before)
{
	return after + 1 < before ? sys_close_range((unsigned)after + 1, (unsigned)before - 1, 0) : 0;
}

/* Closes all but 0, 1, 2 and two more; -1: none. */
int close_all_but(int one, int other)
{
	int low = one < other ? one : other, high = one < other ? other : one;
	low = low < 2 ? 2 : low;
	high = high < low ? low : high;
	int error = close_between(2, low);
	if (!error)
		error = close_between(low, high);
	return error ? error : sys_close_range((unsigned)high + 1, ~0u, 0);
}
