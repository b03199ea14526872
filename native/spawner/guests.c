/* Connections to the spawner, until those of a process are together. */
#include "spawner/guests.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

void guests_add(struct guests *guests, int fd)
{
	guests->all[guests->count++] = (struct guest){ .fd = fd };
}

void guests_drop(struct guests *guests, unsigned index)
{
	close(guests->all[index].fd);
	guests->all[index] = guests->all[--guests->count];
}

bool guest_is_whole(const struct guest *guest)
{
	return guest->length == HELLO_LENGTH;
}

int guest_hear(struct guest *guest)
{
	ssize_t count = recv(guest->fd, guest->bytes + guest->length, HELLO_LENGTH - guest->length, MSG_DONTWAIT);
	if (count < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (count == 0)
		return -EPIPE;
	guest->length += (size_t)count;
	if (!guest_is_whole(guest))
		return 0;
	int error = hello_decode(guest->bytes, &guest->hello);
	return error ? error : 1;
}

static int find_stream(const struct guests *guests, uint64_t token, uint32_t kind)
{
	for (unsigned i = 0; i < guests->count; i++) {
		const struct guest *guest = &guests->all[i];
		if (guest_is_whole(guest) && guest->hello.kind == kind && guest->hello.token == token)
			return (int)i;
	}
	return -1;
}

/* Whether all that a process waits for is there. */
static bool gather(const struct guests *guests, unsigned process, struct party *party)
{
	const struct hello *hello = &guests->all[process].hello;
	party->process = process;
	for (unsigned i = 0; i < STREAMS; i++) {
		bool wanted = hello->streams & 1u << i;
		party->streams[i] = wanted ? find_stream(guests, hello->token, HELLO_STDIN + i) : -1;
		if (wanted && party->streams[i] < 0)
			return false;
	}
	return true;
}

bool guests_find(const struct guests *guests, struct party *party)
{
	for (unsigned i = 0; i < guests->count; i++)
		if (guest_is_whole(&guests->all[i]) && hello_is_process(&guests->all[i].hello) &&
		    gather(guests, i, party))
			return true;
	return false;
}

static bool is_of_party(const struct party *party, unsigned index)
{
	bool is = index == party->process;
	for (unsigned i = 0; i < STREAMS; i++)
		is |= (int)index == party->streams[i];
	return is;
}

/* From the end: what takes a dropped one's place has been looked at already. */
void guests_drop_party(struct guests *guests, const struct party *party)
{
	for (unsigned i = guests->count; i-- > 0;)
		if (is_of_party(party, i))
			guests_drop(guests, i);
}
