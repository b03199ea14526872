/** Whole numbers from 0 up to a limit, the same for the same seed. */
export type Random = (limit: number) => number

/** A small generator (mulberry32): what counts is that a seed repeats. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  return limit => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % Math.max(1, limit)
  }
}

/** One text to load: mostly a mutated fixture, sometimes something monstrous. */
export function makeText(random: Random, fixtures: readonly string[]): string {
  if (random(12) === 0) return pick(random, MONSTERS)(random)
  let text = pick(random, fixtures)
  for (let times = 1 + random(6); times > 0; times--) text = pick(random, CHANGES)(text, random, fixtures)
  return text
}

type Change = (text: string, random: Random, fixtures: readonly string[]) => string

const TOKENS = [
  ...[
    'services:',
    ' ',
    '  ',
    '\t',
    '\n',
    '- ',
    ': ',
    '? ',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '|',
    '>',
    '|2-',
    '&a ',
    '*a',
  ],
  ...[
    '<<: *a',
    '<<: [*a, *a]',
    '!reset ',
    '!override ',
    '!!binary ',
    '!!int ',
    '!<tag:x> ',
    '---\n',
    '...\n',
    '%YAML 1.2\n',
  ],
  ...[
    '${',
    '${A:-',
    '${A:?',
    '$$',
    '}',
    '$A',
    '#',
    ' # x',
    '~',
    'null',
    'true',
    '0440',
    '0x',
    '1e999',
    '.nan',
    '-.inf',
  ],
  ...[
    '\0',
    '\u0007',
    '\u0085',
    '\u2028',
    '\ufeff',
    '\ud800',
    '\u{1F600}',
    '\r',
    '\r\n',
    '__proto__: ',
    'constructor: ',
  ],
  ...['80:80', '1-65535:1-65535', './a:/b:ro', '1w2d', '64 m', '99999999999999999999', '2024-01-01', '22:22'],
  ...[
    'extends: a',
    'include: [i.yaml]',
    'env_file: e',
    'depends_on: [a]',
    'x-a: ',
    'ports: ',
    'build: ',
    'image: x',
  ],
]

const CHANGES: readonly Change[] = [
  // Bytes.
  (text, random) =>
    splice(text, random(text.length), random(4), String.fromCharCode(random(random(2) ? 128 : 65_536))),
  (text, random) => splice(text, random(text.length), random(40), ''),
  (text, random) => text.slice(0, random(text.length)),
  // Tokens.
  (text, random) => splice(text, random(text.length), 0, pick(random, TOKENS)),
  (text, random) => replaceOne(text, random, /[\w./:${}-]+/g, pick(random, TOKENS)),
  (text, random) => replaceOne(text, random, /: [^\n]+/g, `: ${pick(random, TOKENS)}${pick(random, TOKENS)}`),
  // Lines.
  (text, random) => onLine(text, random, line => pick(random, ['', ' ', '\t', '      ']) + line.trimStart()),
  (text, random) => onLine(text, random, line => `${line}\n${line}`),
  (text, random) => onLine(text, random, () => ''),
  (text, random, fixtures) => onLine(text, random, () => pick(random, pick(random, fixtures).split('\n'))),
  (text, random, fixtures) => `${text}${pick(random, ['---\n', '\n', ''])}${pick(random, fixtures)}`,
  text => text.replaceAll('\n', '\r\n'),
  text => `\ufeff${text}`,
]

/** Texts that cost a careless reader all memory or time. */
const MONSTERS: readonly ((random: Random) => string)[] = [
  random => Array.from({ length: random(3000) }, () => pick(random, TOKENS)).join(''),
  random => Array.from({ length: random(2000) }, () => String.fromCharCode(random(65_536))).join(''),
  random => pick(random, ['[', '{a: ', '- ', '{"a":', '? ', '!!x [']).repeat(random(100_000)),
  random => Array.from({ length: random(3000) }, (_, depth) => `${' '.repeat(depth)}a:\n`).join(''),
  random => bomb(random, at => `[${`*l${at}, `.repeat(9)}*l${at}]`),
  random => bomb(random, at => `{<<: *l${at}, k${at}: *l${at}}`),
  random => `services: {a: {image: "${'x'.repeat(random(2_000_000))}"}}`,
  random => `services: {a: {image: x, command: ${'a\\ "b" '.repeat(random(20_000))}}}`,
  random => `services: {a: {image: x, labels: {${'k'.repeat(random(200_000))}: v}}}`,
  random => `services: {a: {image: x, ports: ["${random(2) ? '1-65535:1-65535' : '0-65535'}"]}}`,
  random => `services: {a: {image: "${'${A:-'.repeat(random(20_000))}${'}'.repeat(random(20_000))}"}}`,
  random => `A=${'${A}$A'.repeat(random(50_000))}\n${'B="\\\\\\"'.repeat(random(20_000))}`,
  random => `services:\n${many(random, at => `  s${at}: {image: x, depends_on: [s${(at + 1) % 3000}]}`)}`,
  random => `services:\n${many(random, at => `  s${at}: {image: x, extends: s${at + 1}}`)}`,
  random => `services: {a: {image: x, environment: [${many(random, at => `K${at}=v,`)}]}}`,
  random => many(random, at => `---\nservices: {a: {image: x, command: [${at}]}}`),
  random => many(random, at => `K${at}=\${K${at - 1}}\${K${at - 1}}`),
]

function bomb(random: Random, level: (below: number) => string): string {
  const levels = Array.from({ length: 2 + random(40) }, (_, at) => `l${at + 1}: &l${at + 1} ${level(at)}`)
  return `x-a: 1\nl0: &l0 ${random(2) ? '{a: x}' : '[x, x]'}\n${levels.join('\n')}`
}

function many(random: Random, line: (at: number) => string): string {
  return Array.from({ length: random(3000) }, (_, at) => line(at)).join('\n')
}

function splice(text: string, at: number, length: number, by: string): string {
  return text.slice(0, at) + by + text.slice(at + length)
}

function replaceOne(text: string, random: Random, pattern: RegExp, by: string): string {
  const matches = [...text.matchAll(pattern)]
  const match = matches[random(matches.length)]
  return match ? splice(text, match.index, match[0].length, by) : text
}

function onLine(text: string, random: Random, change: (line: string) => string): string {
  const lines = text.split('\n')
  const at = random(lines.length)
  lines[at] = change(lines[at] ?? '')
  return lines.join('\n')
}

function pick<T>(random: Random, values: readonly T[]): T {
  const value = values[random(values.length)]
  if (value === undefined) throw new Error('nothing to pick from')
  return value
}
