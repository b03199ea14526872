/* Fuzz target: whatever answers come on a netlink socket, they are read to their ends and no further. */
#include "ops/netlink.c"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct state *state = calloc(1, sizeof *state);
	/* A copy of exact size, so that one byte beyond is noticed. */
	uint8_t *copy = malloc(size ? size : 1);
	if (!state || !copy)
		abort();
	if (size)
		memcpy(copy, bytes, size);
	if (size >= NLMSG_HDRLEN + sizeof(int))
		note_words(state, copy, size, -EINVAL);
	(void)dump_ended(copy, size);
	free(copy);
	free(state);
	return 0;
}
