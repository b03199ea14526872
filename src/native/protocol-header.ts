import {
  ENTRY_END,
  ENTRY_FOLDER_TIME,
  ENTRY_HEAD,
  ENTRY_LARGE_FILE,
  ENTRY_MAX,
  ENTRY_NUMBERS,
  ENTRY_TOLD,
  ENTRY_TYPES,
  LARGE,
  TAKE,
  TAKE_NUMBERS,
} from './entry-wire.ts'
import { FLOW, FLOW_MATCH_LENGTH, RULES } from './flow-wire.ts'
import {
  FRONT_HEAD,
  FRONT_MAGIC,
  FRONT_NAME_MAX,
  FRONT_ROUTE_LENGTH,
  FRONT_ROUTES_MAX,
} from './front-wire.ts'
import { FRAME_HEAD, FRAME_MAX, MESSAGE, REQUEST, SLEEP } from './monitor-protocol.ts'
import { upper } from './ops-header.ts'
import { HELLO, HELLO_LENGTH, HELLO_MAGIC } from './spawner-wire.ts'

function numbered(prefix: string, numbers: Readonly<Record<string, number>>): string[] {
  return Object.entries(numbers).map(([name, number]) => `\t${prefix}_${upper(name)} = ${number},`)
}

function enumOf(...groups: readonly (readonly string[])[]): string[] {
  return ['enum {', ...groups.flatMap((group, index) => (index === 0 ? group : ['', ...group])), '};']
}

/** Text of `native/core/protocol.h`: the frames, entries, hellos and requests that pass between the two programs, in C. */
export function renderProtocolHeader(): string {
  const lines = [
    '/* Rendered from src/native by `npx tsx tools/native-headers.ts`; a test compares the two. Do not edit. */',
    '#ifndef TSCOMPOSE_PROTOCOL_H',
    '#define TSCOMPOSE_PROTOCOL_H',
    '',
    "/* Frames of the monitor's socket and of the control fd: src/native/monitor-protocol.ts has their form. */",
    `#define FRAME_HEAD ${FRAME_HEAD}u`,
    `#define FRAME_MAX ${FRAME_MAX}u`,
    '',
    ...enumOf(numbered('REQUEST', REQUEST), numbered('SLEEP', SLEEP), numbered('MESSAGE', MESSAGE)),
    '',
    '/* Entries of an archive: src/native/entry-wire.ts has their form. */',
    `#define ENTRY_HEAD ${ENTRY_HEAD}u`,
    `#define ENTRY_NUMBERS ${ENTRY_NUMBERS}u`,
    `#define ENTRY_MAX ${ENTRY_MAX}u`,
    `#define ENTRY_TOLD ${ENTRY_TOLD}u`,
    '',
    'enum {',
    ...numbered('ENTRY', {
      end: ENTRY_END,
      ...ENTRY_TYPES,
      folderTime: ENTRY_FOLDER_TIME,
      largeFile: ENTRY_LARGE_FILE,
    }),
    '};',
    '',
    `#define TAKE_NUMBERS ${TAKE_NUMBERS}u`,
    '',
    ...enumOf(numbered('LARGE', LARGE), numbered('TAKE', TAKE)),
    '',
    '/* What an engine says to its front door: src/native/front-wire.ts has its form. */',
    `#define FRONT_MAGIC ${FRONT_MAGIC}u`,
    `#define FRONT_HEAD ${FRONT_HEAD}u`,
    `#define FRONT_ROUTE_LENGTH ${FRONT_ROUTE_LENGTH}u`,
    `#define FRONT_NAME_MAX ${FRONT_NAME_MAX}`,
    `#define FRONT_ROUTES_MAX ${FRONT_ROUTES_MAX}`,
    '',
    '/* What connections to the spawner begin with: src/native/spawner-wire.ts has its form. */',
    `#define HELLO_MAGIC ${HELLO_MAGIC}u`,
    `#define HELLO_LENGTH ${HELLO_LENGTH}u`,
    '',
    'enum {',
    ...numbered('HELLO', HELLO),
    '};',
    '',
    '/* Requests of the connection to nf_tables, and when a match is about a flow: src/native/flow-wire.ts has their form. */',
    `#define FLOW_MATCH_LENGTH ${FLOW_MATCH_LENGTH}u`,
    '',
    ...enumOf(numbered('RULES', RULES), numbered('FLOW', FLOW)),
    '',
    '#endif',
  ]
  return `${lines.join('\n')}\n`
}
