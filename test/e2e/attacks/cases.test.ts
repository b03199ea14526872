import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ATTACK_CASES } from './cases.ts'

const all = Object.entries(ATTACK_CASES).flatMap(([number, { tests }]) =>
  Object.entries(tests).map(([file, name]) => [number, file, name] as const),
)

test.each(all)('%s is tried by %s: %s', (_, file, name) => {
  expect(readFileSync(file, 'utf8')).toContain(name)
})

test('every number in the name of a test is a case', () => {
  const text = readFileSync('test/e2e/attacks/attacks.test.ts', 'utf8')
  const named = [...text.matchAll(/(?:test|describe)\(\s*'((?:B\d+(?:, )?)+):/g)].flatMap(([, list = '']) =>
    list.split(', '),
  )
  expect(named.filter(number => ATTACK_CASES[number] === undefined)).toEqual([])
  expect(named.length).toBeGreaterThan(15)
})
