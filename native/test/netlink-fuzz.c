/* Fuzz target: whatever answers come on a netlink socket, they are read to their ends and no further. */
#include "ops/netlink.c"
#include "ops/repair/dump.c"

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
	const uint32_t paths[] = { 1, 3, 5 << 8 | 18, 8 << 16 | 5 << 8 | 18 };
	const struct field keep = { .data = (const uint8_t *)paths, .length = sizeof paths, .count = 4 };
	if (keep_of_objects(copy, size, 4, &keep) > size)
		abort();
	free(copy);
	free(state);
	return 0;
}
