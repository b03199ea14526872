import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ATTACK_CASES } from './cases.ts'
import { ATTACK_DEFENCES } from './defences.ts'

test.each(
  ATTACK_DEFENCES,
)('what holds off $number, $what, is where it is taken out, and its test is there', ({
  number,
  without,
  test: [file, name],
}) => {
  expect(number in ATTACK_CASES).toBe(true)
  for (const { file: source, piece } of without) expect(readFileSync(source, 'utf8')).toContain(piece)
  expect(readFileSync(file, 'utf8')).toContain(name)
})

test('no attack is without a defence that can be taken out', () => {
  const held = new Set(ATTACK_DEFENCES.map(({ number }) => number))
  expect(Object.keys(ATTACK_CASES).filter(number => !held.has(number))).toEqual([])
})
