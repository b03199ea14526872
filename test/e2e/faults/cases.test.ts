import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FAULT_CASES } from './cases.ts'

const all = Object.entries(FAULT_CASES).flatMap(([number, { tests }]) =>
  Object.entries(tests).map(([file, name]) => [number, file, name] as const),
)

test.each(all)('%s is tried by %s: %s', (_, file, name) => {
  expect(readFileSync(file, 'utf8')).toContain(name)
})

test('every number in the name of a test is a case', () => {
  const folder = 'test/e2e/faults'
  const texts = readdirSync(folder)
    .filter(name => name.endsWith('.test.ts'))
    .map(name => readFileSync(`${folder}/${name}`, 'utf8'))
  const named = texts.flatMap(text =>
    [...text.matchAll(/(?:test|describe)\(\s*'(C\d+):/g)].map(([, number = '']) => number),
  )
  expect(named.filter(number => FAULT_CASES[number] === undefined)).toEqual([])
  expect(named.length).toBeGreaterThan(10)
})
