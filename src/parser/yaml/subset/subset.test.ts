import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Reporter } from '../../reporter.ts'
import type { Node } from '../../tree/node.ts'
import { Source } from '../../tree/source.ts'
import { parseWholeYaml } from '../parse.ts'
import { readSubset } from './read.ts'

/** Set FUZZ_RUNS=100000 after a change of the reader. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 500)

interface Readings {
  readonly subset: Node | undefined
  /** The package's only document; undefined where it finds anything wrong. */
  readonly whole: Node | undefined
}

function read(text: string): Readings {
  const source = new Source('f', text)
  const reporter = new Reporter()
  const documents = parseWholeYaml(source, reporter)
  const isOne = documents.length === 1 && reporter.diagnostics.length === 0
  return { subset: readSubset(source), whole: isOne ? documents[0] : undefined }
}

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
  ...['a: |\n  text', 'a: >-\n  text', 'a: b\n  c', '- b\n c', 'a: "b\n  c"', 'a: [b,\n  c]', 'a: [b\n  c]'],
  ...[
    'a: !reset b',
    '!x\na: b',
    '? a\n: b',
    'a:\tb',
    'a: b\tc',
    '\ta: b',
    'a: b\r\n',
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
  test.each(INSIDE)('%j is read as the package reads it', text => {
    const { subset, whole } = read(text)
    expect(whole).toBeDefined()
    expect(subset).toEqual(whole)
  })

  test.each(OUTSIDE)('%j is left to the package', text => {
    expect(readSubset(new Source('f', text))).toBeUndefined()
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

/** Plain data as a random writer would write it. */
type Value = string | readonly Value[] | { readonly [key: string]: Value }

const word = fc.oneof(
  fc.stringMatching(/^[a-zA-Z0-9_./$-][a-zA-Z0-9_./:@ %&*!?|>'"#=~${}[\],é-]{0,12}$/),
  fc.constantFrom('yes', '0440', '1.5', 'null', '22:22', 'a #b', 'a: b', '- a', ''),
)
const key = fc.stringMatching(/^[a-z][a-z0-9_ -]{0,8}[a-z0-9]$/)
const { value } = fc.letrec<{ value: Value }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    word,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}))

/** A choice for each question of style, in turn. */
class Writer {
  readonly #choices: readonly number[]
  #asked = 0

  constructor(choices: readonly number[]) {
    this.#choices = choices
  }

  document(entries: { readonly [key: string]: Value }): string {
    return this.#block(entries, 0)
  }

  #choose<T>(...options: readonly [T, ...T[]]): T {
    const choice = this.#choices[this.#asked++ % this.#choices.length] ?? 0
    return options[choice % options.length] ?? options[0]
  }

  #block(of: Value, column: number): string {
    const pad = ' '.repeat(column)
    if (Array.isArray(of))
      return of.map((item: Value) => `${pad}-${this.#below(item, column, true)}`).join('')
    return Object.entries(of)
      .map(
        ([name, item]) =>
          `${this.#choose('', '', '\n', `${pad}# x\n`)}${pad}${this.#key(name)}:${this.#below(item, column, false)}`,
      )
      .join('')
  }

  #below(item: Value, column: number, isItem: boolean): string {
    const isEmpty = typeof item !== 'string' && Object.keys(item).length === 0
    const end = `${this.#choose('', '', '  ', ' # end')}\n`
    if (typeof item === 'string' || isEmpty || this.#choose(true, false, false))
      return ` ${this.#flow(item)}${end}`
    const deeper = column + this.#choose(2, 1, 4)
    const sameColumn = !isItem && Array.isArray(item) && this.#choose(true, false)
    return `${end}${this.#block(item, sameColumn ? column : deeper)}`
  }

  #flow(item: Value): string {
    if (typeof item === 'string') return this.#scalar(item)
    const pad = this.#choose('', ' ')
    if (Array.isArray(item))
      return `[${pad}${item.map((each: Value) => this.#flow(each)).join(`,${pad}`)}${pad}]`
    const entries = Object.entries(item).map(([name, each]) => `${this.#key(name)}: ${this.#flow(each)}`)
    return `{${pad}${entries.join(', ')}${pad}}`
  }

  #key(name: string): string {
    return this.#choose(name, name, `"${name}"`, `'${name}'`)
  }

  /** Plain now and then where that does not mean the text itself: the trees must still agree. */
  #scalar(text: string): string {
    const single = `'${text.replaceAll("'", "''")}'`
    return this.#choose(
      text || '""',
      /^[a-z0-9/._]+$/i.test(text) ? text : single,
      single,
      JSON.stringify(text),
    )
  }
}

describe('for any text', () => {
  test('that a tree was written as, the reader gives the tree of the package or none', () => {
    let inside = 0
    fc.assert(
      fc.property(
        fc.dictionary(key, value, { minKeys: 1, maxKeys: 5, noNullPrototype: true }),
        fc.array(fc.nat(11), { minLength: 7, maxLength: 40 }),
        (entries, choices) => {
          const { subset, whole } = read(new Writer(choices).document(entries))
          if (subset === undefined) return
          inside += 1
          expect(subset).toEqual(whole)
        },
      ),
      { numRuns: RUNS },
    )
    // Otherwise this tests nothing.
    expect(inside).toBeGreaterThan(RUNS / 4)
  })

  test('of random pieces, the reader gives the tree of the package or none', () => {
    const piece = fc.constantFrom(
      ...[
        'a',
        'b: ',
        'c:',
        ':',
        ' ',
        '  ',
        '\n',
        '\n  ',
        '\n    ',
        '\n- ',
        '- ',
        '-',
        '[',
        ']',
        '{',
        '}',
        ', ',
        ',',
      ],
      ...[
        '"',
        "'",
        '"x"',
        "'y'",
        '\\',
        '#',
        ' #',
        '&a ',
        '*a',
        '<<: ',
        '*a ',
        '!t ',
        '|',
        '>',
        '? ',
        '---',
        '...',
      ],
      ...['\t', '\r', '~', '0x1', '$', 'é', '=', '@', '%', '\na: ', '\nb:', '\n  c: ', '\nd:\n', '\n  - '],
    )
    fc.assert(
      fc.property(fc.array(piece, { minLength: 2, maxLength: 14 }), pieces => {
        const { subset, whole } = read(`x: ${pieces.join('')}`)
        if (subset !== undefined) expect(subset).toEqual(whole)
      }),
      { numRuns: RUNS },
    )
  })
})
