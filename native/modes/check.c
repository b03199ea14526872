/* `check`: reads a program from stdin and prints its operations, without using any privilege. */
#include "core/state.h"
#include "modes/modes.h"

#include <stdio.h>
#include <unistd.h>

static void print_field(char type, const struct field *field)
{
	uint32_t offset = 0;
	const char *item;
	switch (type) {
	case 'z':
		printf(" \"%s\"", field_text(field));
		break;
	case 'Z':
		printf(" [");
		while ((item = field_string(field, &offset)))
			printf(" \"%s\"", item);
		printf(" ]");
		break;
	case 'S':
	case 'U':
		printf(" [");
		for (uint32_t i = 0; i < field->count; i++)
			printf(" %u", field_item(field, i));
		printf(" ]");
		break;
	case 'b':
		printf(" <%u>", field->length);
		break;
	default:
		printf(" %llu", (unsigned long long)field->number);
	}
}

static void print_op(const struct op *op)
{
	struct field fields[FIELD_MAX];
	unsigned index = 0;
	if (op_fields(op, fields))
		return;
	printf("%u %s", op->stage, op_name(op->kind));
	for (const char *type = op_types(op->kind); *type; type++)
		if (*type < '0' || *type > '9')
			print_field(*type, &fields[index++]);
	putchar('\n');
}

int check_mode(struct state *state)
{
	struct cursor cursor = { 0 };
	struct op op;
	if (read_program(state, STDIN_FILENO)) {
		printf("bad program at operation %d\n", (int)state->failure.op);
		return 1;
	}
	while (program_next(&state->program, &cursor, &op))
		print_op(&op);
	return 0;
}
