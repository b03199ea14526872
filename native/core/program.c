#include "core/program.h"
#include "core/sys.h"

#include <errno.h>
#include <string.h>

/*
 * Letters of field types: s slot, o slot or absent, u u32, l u64, eN enum below N, z string, b bytes,
 * S list of slots, U list of u32, Z list of strings.
 */
struct kind {
	const char *name;
	const char *types;
	uint16_t code;
	uint16_t stages;
};

#define KIND(code, name, stages, types) { name, types, code, stages },
static const struct kind kinds[] = { OPS(KIND) };

static const struct kind *find_kind(unsigned code)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (kinds[i].code == code)
			return &kinds[i];
	return NULL;
}

const char *op_name(unsigned code)
{
	const struct kind *kind = find_kind(code);
	return kind ? kind->name : "unknown";
}

const char *op_types(unsigned code)
{
	const struct kind *kind = find_kind(code);
	return kind ? kind->types : "";
}

/* What is left of a payload. Reading past the end is an error, never a smaller value. */
struct reader {
	const uint8_t *at;
	uint32_t left;
};

static int take(struct reader *reader, uint32_t length, const uint8_t **data)
{
	if (length > reader->left)
		return -EPROTO;
	*data = reader->at;
	reader->at += length;
	reader->left -= length;
	return 0;
}

static int take_u32(struct reader *reader, uint32_t *number)
{
	const uint8_t *data;
	if (take(reader, 4, &data))
		return -EPROTO;
	*number = load_u32(data);
	return 0;
}

static int take_u64(struct reader *reader, uint64_t *number)
{
	uint32_t low, high;
	if (take_u32(reader, &low) || take_u32(reader, &high))
		return -EPROTO;
	*number = (uint64_t)high << 32 | low;
	return 0;
}

static int take_string(struct reader *reader, struct field *field)
{
	uint32_t length;
	if (take_u32(reader, &length) || length == 0 || take(reader, length, &field->data))
		return -EPROTO;
	if (memchr(field->data, 0, length) != field->data + length - 1)
		return -EPROTO;
	field->length = length - 1;
	return 0;
}

static int take_numbers(struct reader *reader, struct field *field, uint32_t below)
{
	if (take_u32(reader, &field->count) || field->count > reader->left / 4)
		return -EPROTO;
	field->length = field->count * 4;
	if (take(reader, field->length, &field->data))
		return -EPROTO;
	for (uint32_t i = 0; below && i < field->count; i++)
		if (field_item(field, i) >= below)
			return -EPROTO;
	return 0;
}

static int take_strings(struct reader *reader, struct field *field)
{
	if (take_u32(reader, &field->count))
		return -EPROTO;
	field->data = reader->at;
	for (uint32_t i = 0; i < field->count; i++) {
		struct field item;
		if (take_string(reader, &item))
			return -EPROTO;
	}
	field->length = (uint32_t)(reader->at - field->data);
	return 0;
}

static int take_number(struct reader *reader, struct field *field, uint64_t below)
{
	uint32_t number;
	if (take_u32(reader, &number) || number >= below)
		return -EPROTO;
	field->number = number;
	return 0;
}

static int take_optional_slot(struct reader *reader, struct field *field)
{
	if (take_number(reader, field, 1ULL << 32))
		return -EPROTO;
	return field->number >= SLOT_MAX && field->number != ABSENT ? -EPROTO : 0;
}

static int take_bytes(struct reader *reader, struct field *field)
{
	return take_u32(reader, &field->length) || take(reader, field->length, &field->data) ? -EPROTO : 0;
}

/* The number after an `e` in a list of types. */
static unsigned enum_size(const char **types)
{
	unsigned size = 0;
	while ((*types)[1] >= '0' && (*types)[1] <= '9')
		size = size * 10 + (unsigned)(*++*types - '0');
	return size;
}

static int take_field(struct reader *reader, const char **types, struct field *field)
{
	switch (**types) {
	case 's':
		return take_number(reader, field, SLOT_MAX);
	case 'o':
		return take_optional_slot(reader, field);
	case 'u':
		return take_number(reader, field, 1ULL << 32);
	case 'l':
		return take_u64(reader, &field->number);
	case 'e':
		return take_number(reader, field, enum_size(types));
	case 'z':
		return take_string(reader, field);
	case 'b':
		return take_bytes(reader, field);
	case 'S':
		return take_numbers(reader, field, SLOT_MAX);
	case 'U':
		return take_numbers(reader, field, 0);
	case 'Z':
		return take_strings(reader, field);
	default:
		return -EPROTO;
	}
}

int op_fields(const struct op *op, struct field fields[FIELD_MAX])
{
	const struct kind *kind = find_kind(op->kind);
	struct reader reader = { op->payload, op->length };
	if (!kind)
		return -EPROTO;
	memset(fields, 0, sizeof(struct field) * FIELD_MAX);
	unsigned count = 0;
	for (const char *type = kind->types; *type; type++, count++)
		if (count == FIELD_MAX || take_field(&reader, &type, &fields[count]))
			return -EPROTO;
	return reader.left ? -EPROTO : 0;
}

int program_next(const struct program *program, struct cursor *cursor, struct op *op)
{
	if (cursor->index == program->op_count)
		return 0;
	const uint8_t *head = program->bytes + PROGRAM_HEAD + cursor->offset;
	op->index = cursor->index++;
	op->kind = (uint16_t)(head[0] | head[1] << 8);
	op->stage = (uint16_t)(head[2] | head[3] << 8);
	op->length = load_u32(head + 4);
	op->payload = head + OP_HEAD;
	cursor->offset += OP_HEAD + op->length;
	return 1;
}

/* Reads one operation's head out of bytes that nobody has looked at yet. */
static int check_op(struct reader *reader, unsigned *last_stage, unsigned *launches, unsigned *execs)
{
	const uint8_t *head;
	struct field fields[FIELD_MAX];
	struct op op = { 0 };
	if (take(reader, OP_HEAD, &head))
		return -EPROTO;
	op.kind = (uint16_t)(head[0] | head[1] << 8);
	op.stage = (uint16_t)(head[2] | head[3] << 8);
	op.length = load_u32(head + 4);
	const struct kind *kind = find_kind(op.kind);
	if (!kind || op.stage >= STAGE_COUNT || !(kind->stages >> op.stage & 1) || op.stage < *last_stage)
		return -EPROTO;
	if (take(reader, op.length, &op.payload) || op_fields(&op, fields))
		return -EPROTO;
	*last_stage = op.stage;
	*launches += op.stage == STAGE_LAUNCH;
	*execs += op.stage == STAGE_EXEC;
	if (op.kind == OP_EXEC && fields[EXEC_ARGV].count == 0)
		return -EPROTO;
	return *launches > 1 || *execs > 1 ? -EPROTO : 0;
}

int program_check(struct program *program, const uint8_t *bytes, size_t length, uint32_t *bad_op)
{
	unsigned stage = 0, launches = 0, execs = 0;
	*bad_op = ABSENT;
	if (length < PROGRAM_HEAD || length > PROGRAM_MAX || load_u32(bytes) != PROGRAM_MAGIC ||
	    load_u32(bytes + 4) != PROGRAM_VERSION || load_u32(bytes + 12) != length)
		return -EPROTO;
	struct reader reader = { bytes + PROGRAM_HEAD, (uint32_t)length - PROGRAM_HEAD };
	uint32_t count = load_u32(bytes + 8);
	for (uint32_t i = 0; i < count; i++) {
		if (check_op(&reader, &stage, &launches, &execs)) {
			*bad_op = i;
			return -EPROTO;
		}
	}
	/* A process without a command, or a command without a process, is a compiler's mistake. */
	if (reader.left || launches != execs)
		return -EPROTO;
	*program = (struct program){ bytes, (uint32_t)length, count };
	return 0;
}

int field_has(const struct field *list, int number)
{
	for (uint32_t i = 0; i < list->count; i++)
		if (field_item(list, i) == (uint32_t)number)
			return 1;
	return 0;
}

const char *field_string(const struct field *list, uint32_t *offset)
{
	if (*offset >= list->length)
		return NULL;
	const uint8_t *item = list->data + *offset;
	*offset += 4 + load_u32(item);
	return (const char *)item + 4;
}

static bool find_op(const struct program *program, enum op_kind kind, struct op *op)
{
	struct cursor cursor = { 0 };
	while (program_next(program, &cursor, op))
		if (op->kind == (uint16_t)kind)
			return true;
	return false;
}

bool program_has(const struct program *program, enum op_kind kind)
{
	struct op op;
	return find_op(program, kind, &op);
}

bool program_fields(const struct program *program, enum op_kind kind, struct field fields[FIELD_MAX])
{
	struct op op;
	return find_op(program, kind, &op) && !op_fields(&op, fields);
}
