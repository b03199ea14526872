import { LAYOUT } from './layout.ts'
import type { Field, OpLayout } from './layout-fields.ts'
import { STAGES } from './program.ts'
import { MAGIC, MAX_PROGRAM, MAX_SLOTS, REPLY_MAGIC, VERSION } from './wire.ts'

const LETTERS: Record<Field['type'], string> = {
  slot: 's',
  'slot?': 'o',
  slots: 'S',
  u32: 'u',
  u64: 'l',
  bool: 'e2',
  string: 'z',
  strings: 'Z',
  bytes: 'b',
  numbers: 'U',
  enum: 'e',
  attributes: 'u',
  namespaces: 'u',
  idRanges: 'z',
}

/** The C spelling of a camelCase name: `openTree` → `OPEN_TREE`. */
export function upper(name: string): string {
  return name.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()
}

function letters(field: Field): string {
  return field.type === 'enum' ? `e${field.words?.length ?? 0}` : LETTERS[field.type]
}

/** Text of `native/core/ops.h`: the table of {@link LAYOUT} in C. */
export function renderOpsHeader(): string {
  const entries = Object.entries(LAYOUT) as [string, OpLayout][]
  const lines = [
    '/* Rendered from src/native/layout.ts by `npx tsx tools/native-headers.ts`; a test compares the two. Do not edit. */',
    '#ifndef TSCOMPOSE_OPS_H',
    '#define TSCOMPOSE_OPS_H',
    '',
    `#define PROGRAM_MAGIC 0x${MAGIC.toString(16)}u`,
    `#define REPLY_MAGIC 0x${REPLY_MAGIC.toString(16)}u`,
    `#define PROGRAM_VERSION ${VERSION}u`,
    `#define PROGRAM_MAX ${MAX_PROGRAM}u`,
    `#define SLOT_MAX ${MAX_SLOTS}u`,
    '',
    'enum stage {',
    ...STAGES.map((stage, index) => `\tSTAGE_${upper(stage)} = ${index},`),
    `\tSTAGE_COUNT = ${STAGES.length},`,
    '};',
    '',
    'enum op_kind {',
    ...entries.map(([name, layout]) => `\tOP_${upper(name)} = ${layout.code},`),
    '};',
    '',
    '/* Index of each field of an operation, a line each. */',
    'enum {',
    ...entries.flatMap(([name, { fields }]) =>
      fields.length === 0
        ? []
        : [`\t${fields.map((field, index) => `${upper(name)}_${upper(field.name)} = ${index},`).join(' ')}`],
    ),
    '};',
    '',
    '/* X(kind, name, mask of stages, field types): see program.c for the letters. */',
    '#define OPS(X) \\',
    ...entries.map(([name, layout], index) => {
      const mask = layout.stages.reduce((sum, stage) => sum | (1 << STAGES.indexOf(stage)), 0)
      const end = index === entries.length - 1 ? '' : ' \\'
      return `\tX(OP_${upper(name)}, "${name}", 0x${mask.toString(16)}, "${layout.fields.map(letters).join('')}")${end}`
    }),
    '',
    '#endif',
  ]
  return `${lines.join('\n')}\n`
}
