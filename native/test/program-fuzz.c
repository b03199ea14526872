/* Fuzz target: whatever bytes come, the decoder neither reads beside them nor accepts what it cannot walk. */
#include "core/program.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads every byte that a field claims to have. */
static unsigned touch(const struct field fields[FIELD_MAX])
{
	unsigned sum = 0;
	for (int i = 0; i < FIELD_MAX; i++)
		for (uint32_t at = 0; fields[i].data && at < fields[i].length; at++)
			sum += fields[i].data[at];
	return sum;
}

static void walk(const struct program *program)
{
	struct cursor cursor = { 0 };
	struct field fields[FIELD_MAX];
	struct op op;
	while (program_next(program, &cursor, &op)) {
		uint32_t offset = 0;
		if (op_fields(&op, fields))
			abort();
		volatile unsigned sum = touch(fields);
		(void)sum;
		if (op.kind == OP_EXEC)
			while (field_string(&fields[EXEC_ARGV], &offset))
				;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct program program;
	uint32_t bad;
	/* A copy of exact size, so that one byte beyond is noticed. The head is made right, for it is not what is tested. */
	uint8_t *copy = malloc(size + 1);
	if (!copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	if (size >= PROGRAM_HEAD) {
		const uint32_t head[] = { PROGRAM_MAGIC, PROGRAM_VERSION };
		uint32_t length = (uint32_t)size;
		memcpy(copy, head, sizeof head);
		memcpy(copy + 12, &length, sizeof length);
		copy[10] = copy[11] = 0;
	}
	uint8_t *exact = realloc(copy, size ? size : 1);
	if (exact && !program_check(&program, exact, size, &bad))
		walk(&program);
	free(exact);
	return 0;
}
