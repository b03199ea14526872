/*
 * Fuzz target: whatever connections to the spawner begin with, in whatever order, a process is found with its own streams alone, and each
 * connection is closed once. Each piece of the input is a connection: what it says is the length of a hello, the last less.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "spawner/guests.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* One that is heard whole, or not wholly; what it does not know it refuses. */
static void come(struct guests *guests, const uint8_t *bytes, size_t length)
{
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) ||
	    send(ends[0], bytes, length, MSG_NOSIGNAL) != (ssize_t)length)
		abort();
	guests_add(guests, ends[1]);
	struct guest *guest = &guests->all[guests->count - 1];
	int heard = guest_hear(guest);
	if (heard > 0 && !guest_is_whole(guest))
		abort();
	if (heard < 0)
		guests_drop(guests, guests->count - 1);
	close(ends[0]);
}

static void check(const struct guests *guests, const struct party *party)
{
	const struct hello *hello = &guests->all[party->process].hello;
	if (!hello_is_process(hello) || !hello_mode(hello))
		abort();
	for (unsigned i = 0; i < STREAMS; i++) {
		bool wanted = hello->streams & 1u << i;
		if (wanted ? party->streams[i] < 0 : party->streams[i] >= 0)
			abort();
		if (!wanted)
			continue;
		const struct hello *stream = &guests->all[party->streams[i]].hello;
		if (stream->token != hello->token || stream->kind != HELLO_STDIN + i)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct guests *guests = calloc(1, sizeof *guests);
	struct party party;
	if (!guests)
		abort();
	for (size_t at = 0; at < size && guests->count < 64; at += HELLO_LENGTH) {
		come(guests, bytes + at, size - at < HELLO_LENGTH ? size - at : HELLO_LENGTH);
		while (guests_find(guests, &party)) {
			check(guests, &party);
			guests_drop_party(guests, &party);
		}
	}
	while (guests->count)
		guests_drop(guests, guests->count - 1);
	free(guests);
	return 0;
}
