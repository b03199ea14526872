import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Source } from '../../tree/source.ts'
import { readSubset } from './read.ts'
import { read } from './testing/readings.ts'

const INSIDE = [
  'a: b',
  '# first\n\na: 1 # one\nb:\n  # deeper\n  c: x#y\n# last',
  'a:\n- b\n- c: 1\n  d: 2\ne: f',
  'a:\n  - - b\n    - c\n  -   d: 1\n      e: 2\n  -\n    f: 3',
  'a:   # nothing\nb:\nc: ~',
  'a: [x, "y", [], {}, {k: v, w: [z]},]   # flow\nb: { c: d }',
  `a: "it's"\nb: 'it''s "so"'\nc: "\\"q\\" \\n \\u00e9"\n"d": e\n'f' : g`,
  'a: http://x:80/y?z=1\nb: -1\nc: 08\nd: 22:22\ne: ${X:-y}\nf: <none>\ng: -x',
  'a: &a {x: 1, y: &b 2}\nb: *a\nc:\n  <<: *a\n  y: 3\nd: [*a, *a]\ne:\n  - *a'.replace('&b ', ''),
  'a: &a\n  x: 1\nb: &b\n  - 1\nc: {<<: [*a, {z: 1}], "<<": q}\nd: &d text\ne: *d',
  'a:\n  text\nb:\n  [c, d]\nc:\n    deep:\n     deeper: x\n',
  '- a\n- b: c\n',
]

const BLOCK_SCALARS_INSIDE = [
  'a: |\n  text',
  'a: |\n  text\n\n  - more:\n\n     # deep\n  \n  end\n\nb: c',
  'a: >\n  one\n  two\n\n  three\n   deep\n\n   deeper\n\n\n  four\n\n',
  'a: >2\n\n   first deep\n  # text\n # comment\nb: >\n\n\n  x',
  'a: |-\n  x\n\nb: >-\n  x\n  y\n\n\nc: |+\n  x\n\n\nd: >+\n  x\n\n',
  'a: |2\n    deep\n  x\nb: >1-\n   deep\n x\nc: |+2\n\n   x\n',
  'a: |   # comment\n  x\nb: >- #c\n  x\n# comment\nc: d',
  'a: |\nb: >+\nc: |-',
  '- |\n x\n- - >\n    x\n  - y\n- a: |1\n    x\n  b:\n  - |\n   z',
  'a: &a |\n  x\nb: *a\nc: &c\n  d: >\n    x\ne:\n  <<: *c',
  'a: |\n  x  \n  y\tz\n    \n  "é"\n',
]

const BLOCK_SCALARS_OUTSIDE = [
  ...[
    '|',
    '--- |\n  x',
    'a:\n  |\n  x',
    '-\n  |\n  x',
    '? |\n  x\n: b',
    '- &a |\n  x',
    'a: !t |\n  x',
    '[|\n  x]',
  ],
  ...['a: |0\n  x', 'a: |--\n  x', 'a: |12\n  x', 'a: |x', 'a: |#c\n  x', 'a: |\t\n  x', 'a: |3\n  x'],
  ...[
    'a: |\n\tx',
    'a: |\n  \tx',
    'a: |\n  x\n\ty',
    'a: |\n  x\n y',
    'a: |\n  x\n---\nb: c',
    'a: |\n  x\n...',
  ],
  ...[
    'a: |\n   \n  x',
    'a: |\n \n  x',
    'a: |2\n   \n  x',
    'a: |\n  x\n   \n',
    'a: |\n  x\n  ',
    'a: |\n\nb: c',
    'a: |\n\n',
  ],
  ...['a: |\n  x\ry\n', 'a: |\n  x\r', 'a: |\r  x'],
]

const OUTSIDE = [
  ...[
    '',
    '# only a comment',
    'text',
    '[]\n...',
    '--- a',
    '---\na: b',
    'a: b\n---\nc: d',
    '%YAML 1.2\n---\na: b',
  ],
  ...['a: b\n  c', '- b\n c', 'a: "b\n  c"', 'a: [b,\n  c]', 'a: [b\n  c]'],
  ...[
    'a: !reset b',
    '!x\na: b',
    '? a\n: b',
    'a:\tb',
    'a: b\tc',
    '\ta: b',
    'a: b\rc',
    'a: b\r',
    'a: [b\r]',
    '"a\rb": c',
  ],
  ...[
    '1: a',
    'true: a',
    '[a]: b',
    'a: 1\na: 2',
    '{a: 1, a: 2}',
    '{a}',
    '{a: }',
    '[a: b]',
    '{"a":1}',
    '[,]',
    '[a,,b]',
  ],
  ...[
    'a: b: c',
    'a: - b',
    'a: "b" c',
    'a: [b] c',
    'a: [b',
    'a: {b: c',
    'a: "b',
    "a: 'b",
    'a: b]: c\n  d',
    'a: "\\e"',
  ],
  ...[
    'a:\n  b: 1\n c: 2',
    'a:\n - b\n  - c',
    '  a: b',
    'a:\n- b\nc',
    '- a\nb: c',
    'a: [b]#c',
    'a: "b"#c',
    'a:\n  - b\n- c',
  ],
  ...[
    'a: *x',
    'a: &a [*a]',
    'a: &a',
    'a: &a b: c',
    '- &a b',
    '&a b: c',
    '<<: 1',
    'a: @b',
    'a: `b',
    'a: %b',
    'a: ,b',
  ],
  ...['\ufeffa: b', `${'a'.repeat(2000)}: b`, '['.repeat(101) + ']'.repeat(101)],
]

describe('the subset', () => {
  test.each([...INSIDE, ...BLOCK_SCALARS_INSIDE])('%j is read as the package reads it', text => {
    const { subset, whole } = read(text)
    expect(whole).toBeDefined()
    expect(subset).toEqual(whole)
  })

  test.each([...OUTSIDE, ...BLOCK_SCALARS_OUTSIDE])('%j is left to the package', text => {
    expect(readSubset(new Source('f', text))).toBeUndefined()
  })

  test.each([...INSIDE, ...BLOCK_SCALARS_INSIDE])('%j is read with CRLF too', text => {
    const { subset, whole } = read(text.replaceAll('\n', '\r\n'))
    expect(whole).toBeDefined()
    expect(subset).toEqual(whole)
  })

  test('a value below a comment farther left ends with its line, where the package reads on', () => {
    const { subset, whole } = read('-\n#x\n  a\n- b')
    expect(subset).toMatchObject({ items: [{ value: 'a' }, { value: 'b' }] })
    expect(whole).toMatchObject({ items: [{ value: 'a - b' }] })
  })

  test('the example is inside', () => {
    const { subset, whole } = read(readFileSync('examples/lamp/compose.yaml', 'utf8'))
    expect(subset).toBeDefined()
    expect(subset).toEqual(whole)
  })

  test('aliases that stand for too many values are left to the package', () => {
    const levels = Array.from(
      { length: 8 },
      (_, at) =>
        `l${at + 1}: &l${at + 1} {a: *l${at}, b: *l${at}, c: *l${at}, d: *l${at}, e: *l${at}, f: *l${at}}`,
    )
    expect(readSubset(new Source('f', `l0: &l0 {x: y}\n${levels.join('\n')}`))).toBeUndefined()
  })
})
