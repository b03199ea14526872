import { describe, expect, test } from 'vitest'
import { load } from '../load.ts'

/** Codes, lines and summaries of what is wrong with a file. */
function problems(text: string): string[] {
  const { diagnostics } = load({ files: [{ name: '/p/compose.yaml', text }], workingDir: '/p', env: {} })
  return diagnostics.map(({ code, range, summary }) => `${code} ${range?.start.line} ${summary}`)
}

describe('a line that slipped', () => {
  test('is told where it belongs', () => {
    expect(problems('services:\n  web:\n    image: x\n    db:\n    image: y\n')).toEqual([
      'UNKNOWN_ATTRIBUTE 4 indent this line by 2 spaces, not 4: it belongs to services',
    ])
  })
})

test('a line that would be as wrong elsewhere is not told to move there', () => {
  const wrong =
    'h: {image: x, x-tscompose-kubernetes: {unknown: 1, node_selector: {pool: "5"}, kind: nonsense}}'
  const told = problems(`services:\n  g: {image: x}\n  ${wrong}\n`)
  expect(told.map(problem => problem.split(' ', 2))).toEqual([
    ['UNKNOWN_ATTRIBUTE', '3'],
    ['INVALID_VALUE', '3'],
  ])
  expect(told.filter(problem => problem.includes('indent this line'))).toEqual([])
})

describe('a key that stands twice', () => {
  test.each([
    ['services:\n  a:\n    image: x\n    image: y\n', 4, 'image', 3],
    ['services:\n  a:\n    image: x\n    environment:\n      A: 1\n      B: 2\n      A: 3\n', 7, 'A', 5],
    ['services:\n  a:\n    image: x\n  a:\n    image: y\n', 4, 'a', 2],
    ['services:\n  a: {image: x}\nservices:\n  b: {image: y}\n', 3, 'services', 1],
  ])('is told as such, with both lines: %j', (text, line, key, first) => {
    expect(problems(text)).toEqual([
      `YAML_DUPLICATE_KEY ${line} remove one "${key}": it is defined in line ${first} already`,
    ])
  })
})

describe('a tab in the indentation', () => {
  test.each([
    ['services:\n  a:\n\timage: x\n', 3],
    ['services:\n  a:\n    image: x\n\tcommand: y\n', 4],
    ['services:\n  a:\n    image: x\n    environment:\n    \tA: 1\n', 5],
    ['services:\n\ta:\n\t\timage: x\n', 2],
    ['services:\n  a:\n    image: x\n    command: |\n      x\n\ty\n', 6],
  ])('is told as such: %j', (text, line) => {
    expect(problems(text)).toEqual([`YAML_SYNTAX ${line} indent with spaces, got a tab`])
  })
})
