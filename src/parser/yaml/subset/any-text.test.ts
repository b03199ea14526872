import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { read } from './testing/readings.ts'
import { document } from './testing/values.ts'
import { Writer } from './testing/writer.ts'

/** Set FUZZ_RUNS=100000 after a change of the reader. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 500)

/** True where the reader gave a tree; fails where it is not the package's. */
function isRead(text: string): boolean {
  const { subset, whole } = read(text)
  if (subset === undefined) return false
  expect(subset).toEqual(whole)
  return true
}

/** Enough of the texts must be inside: otherwise a property tests nothing. */
function expectMany(inside: number, part: number): void {
  expect(inside).toBeGreaterThan(RUNS * part)
}

// No `#` without a blank behind it: see README.md, the package stumbles over `#x` above a value.
const PIECES = [
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
    '# ',
    ' # ',
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
  ...[
    '\t',
    '\r',
    '\r\n',
    '~',
    '0x1',
    '$',
    'é',
    '=',
    '@',
    '%',
    '\na: ',
    '\nb:',
    '\n  c: ',
    '\nd:\n',
    '\n  - ',
  ],
  ...['|\n  ', '>-\n    ', ' |2+\r\n'],
]

const BEFORE_BLOCK = [
  ...['x: ', 'x: &a ', 'x:\n  y: ', '"x" : ', 'x:\n    y:   ', '- ', '-   ', '- - ', '- x: ', '-   x: &a '],
  ...['x:\n- ', 'x:\n  - ', 'x:\n- - y: ', 'x:\n  ', '-\n  ', 'x:\n#c\n  ', 'w: |\n t\nx: ', '', '# c\nx: '],
]
const HEADERS = [
  ...['|', '>', '|-', '>-', '|+', '>+', '|2', '>1', '|3-', '>-2', '|+1', '>2+', '|0', '|-+', '|12', '>9'],
  ...['| ', '>  # c', '|- #c', '|#c', '>\t', '| x', '|\r', '>+ # c\r'],
]
const BODY = [
  ...[
    '\n',
    '\n',
    '\n\n',
    '\r\n',
    '\n ',
    '\n  ',
    '\n   ',
    '\n    ',
    ' ',
    '  ',
    'a',
    'b c',
    '# ',
    ' # d',
    '- ',
  ],
  ...['-', ': ', 'k: ', '\nk: v', '\n  k: v', '\n- i', '\n# c', '\n  # c', '\t', '\r', '\n---', '\n...', '|'],
]

describe('for any text, the reader gives the tree of the package or none', () => {
  test('that data was written as', () => {
    let inside = 0
    fc.assert(
      fc.property(document, fc.array(fc.nat(23), { minLength: 7, maxLength: 40 }), (data, choices) => {
        if (isRead(new Writer(choices).document(data))) inside += 1
      }),
      { numRuns: RUNS },
    )
    expectMany(inside, 1 / 4)
  })

  test('of random pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PIECES), { minLength: 2, maxLength: 14 }), pieces => {
        isRead(`x: ${pieces.join('')}`)
      }),
      { numRuns: RUNS },
    )
  })

  test('with a block scalar of random lines', () => {
    let inside = 0
    fc.assert(
      fc.property(
        fc.constantFrom(...BEFORE_BLOCK),
        fc.constantFrom(...HEADERS),
        fc.array(fc.constantFrom(...BODY), { maxLength: 12 }),
        (before, header, body) => {
          if (isRead(`${before}${header}\n${body.join('')}`)) inside += 1
        },
      ),
      { numRuns: RUNS },
    )
    expectMany(inside, 1 / 40)
  })
})
