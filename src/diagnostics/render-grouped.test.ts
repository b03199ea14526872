import { expect, test } from 'vitest'
import type { Diagnostic } from './diagnostic.ts'
import { renderGrouped } from './render-grouped.ts'

const at = (line: number, words: Partial<Diagnostic>): Diagnostic => ({
  severity: 'warning',
  code: 'UNSET',
  summary: 'A is not set',
  range: { file: 'c.yaml', start: { line, column: 3 }, end: { line, column: 4 } },
  hint: 'set it',
  ...words,
})
const lines = (...found: Diagnostic[]): string[] =>
  renderGrouped(found, { elsewhere: '--all', sourceOf: () => 'x\n'.repeat(99) }).split('\n')

test('warnings of one code are told together, each sentence once with the number of its places', () => {
  expect(lines(at(1, {}), at(2, { summary: 'B is not set' }), at(9, {}))).toEqual([
    'warning UNSET in 3 places',
    '  c.yaml:1:3 A is not set (2 places)',
    '  c.yaml:2:3 B is not set',
    '  hint: set it',
  ])
})

test('of many sentences five are told, and where the rest is', () => {
  const many = Array.from({ length: 62 }, (_, index) => at(index + 1, { summary: `V${index} is not set` }))
  const told = lines(...many)
  expect(told).toHaveLength(8)
  expect(told.slice(-2)).toEqual(['  … and 57 more: --all', '  hint: set it'])
})

test('one of a code has its line of the file, but for notes', () => {
  expect(lines(at(1, {}))).toContain('  > 1 | x')
  expect(lines(at(1, { severity: 'note' }))).toEqual(['note UNSET c.yaml:1:3 A is not set', '  hint: set it'])
})

test('warnings come before notes, and errors last, each by itself', () => {
  const found = [
    at(1, { severity: 'error', code: 'E' }),
    at(2, { severity: 'error', code: 'E' }),
    at(3, { severity: 'note', code: 'N' }),
    at(4, { code: 'W' }),
  ]
  expect(
    lines(...found)
      .filter(line => /^[a-z]/.test(line))
      .map(line => line.slice(0, 9)),
  ).toEqual(['warning W', 'note N c.', 'error E c', 'error E c'])
})
