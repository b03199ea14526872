/* The binary program: checked whole by program_check before anything of it is used. */
#ifndef TSCOMPOSE_PROGRAM_H
#define TSCOMPOSE_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/ops.h"

#define PROGRAM_HEAD 16u
#define OP_HEAD 8u
/* Most fields an operation has. */
#define FIELD_MAX 20
/* A slot or id that is not given. */
#define ABSENT 0xffffffffu

struct program {
	const uint8_t *bytes;
	uint32_t length;
	uint32_t op_count;
};

struct op {
	uint32_t index;
	uint16_t kind;
	uint16_t stage;
	const uint8_t *payload;
	uint32_t length;
};

/* One decoded field: a number, or bytes that lie inside the program. */
struct field {
	uint64_t number;
	const uint8_t *data; /* strings end with a NUL that `length` does not count */
	uint32_t length;
	uint32_t count; /* items of a list */
};

/* Walks the operations: start with a zeroed cursor. */
struct cursor {
	uint32_t offset;
	uint32_t index;
};

/* Checks the whole program: head, lengths, kinds, stages and their order, fields. 0 or -EPROTO, with the op's index. */
int program_check(struct program *program, const uint8_t *bytes, size_t length, uint32_t *bad_op);

/* The next operation of a program that was checked; 0 at the end. */
int program_next(const struct program *program, struct cursor *cursor, struct op *op);

/* Whether any operation of a checked program is of this kind. */
bool program_has(const struct program *program, enum op_kind kind);

/* Decodes the fields of the first operation of this kind, if a checked program has one. */
bool program_fields(const struct program *program, enum op_kind kind, struct field fields[FIELD_MAX]);

/* Decodes an operation's fields. 0 or -EPROTO. */
int op_fields(const struct op *op, struct field fields[FIELD_MAX]);

const char *op_name(unsigned kind);

/* Letters of an operation's field types; see program.c. */
const char *op_types(unsigned kind);

static inline const char *field_text(const struct field *field)
{
	return (const char *)field->data;
}

static inline uint32_t load_u32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Item of a list of numbers or slots. */
static inline uint32_t field_item(const struct field *field, uint32_t index)
{
	return load_u32(field->data + (size_t)index * 4);
}

/* Whether an errno is in a list that the program says to ignore. */
int field_has(const struct field *list, int number);

/* Walks a list of strings: `*offset` starts at 0. NULL at the end. */
const char *field_string(const struct field *list, uint32_t *offset);

#endif
