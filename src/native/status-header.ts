import { STATUS_LINES, STATUS_VERSION, type StatusLine } from './status-lines.ts'

/** A kind's type in C (a word has an enum of its own), and how status-text.c calls the way that it is written. */
const IN_C: Record<StatusLine['kind'], readonly [type: string, macro: string]> = {
  number: ['int64_t ', 'NUMBER'],
  code: ['int64_t ', 'NUMBER'],
  big: ['uint64_t ', 'BIG'],
  time: ['uint64_t ', 'BIG'],
  flag: ['bool ', 'FLAG'],
  text: ['const char *', 'TEXT'],
  word: ['enum ', 'WORD'],
}

const upper = (text: string): string => text.replaceAll('-', '_').toUpperCase()

function words({ key, words = [] }: StatusLine): string[] {
  return [
    `enum ${key} {`,
    ...words.map((word, index) => `\t${upper(`${key}_${word}`)} = ${index},`),
    '};',
    `#define STATUS_WORDS_${key} ${words.map(word => `"${word}"`).join(', ')}`,
    '',
  ]
}

/** Text of `native/monitor/status-lines.h`: the table {@link STATUS_LINES} in C. */
export function renderStatusHeader(): string {
  const table: readonly StatusLine[] = Object.values(STATUS_LINES)
  const text = [
    '/* Rendered from src/native/status-lines.ts by `npx tsx tools/native-headers.ts`; a test compares the two. Do not edit. */',
    '#ifndef TSCOMPOSE_STATUS_LINES_H',
    '#define TSCOMPOSE_STATUS_LINES_H',
    '',
    '#include <stdbool.h>',
    '#include <stdint.h>',
    '',
    `#define STATUS_VERSION ${STATUS_VERSION}`,
    '',
    ...table.filter(line => line.kind === 'word').flatMap(words),
    '/* What a status says. */',
    'struct status {',
    ...table.map(({ key, kind }) => `\t${IN_C[kind][0]}${kind === 'word' ? `${key} ` : ''}${key};`),
    '};',
    '',
    '/* X(key, how its value is written): see status-text.c. */',
    '#define STATUS_LINES(X) \\',
    ...table.map(
      ({ key, kind }, index) => `\tX(${key}, ${IN_C[kind][1]})${index === table.length - 1 ? '' : ' \\'}`,
    ),
    '',
    '#endif',
  ]
  return `${text.join('\n')}\n`
}
