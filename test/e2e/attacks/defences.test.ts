import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ATTACK_CASES } from './cases.ts'
import { DEFENCES } from './defences.ts'

test.each(DEFENCES)('what holds off $number, $what, is where it is taken out, and its test is there', ({
  number,
  without,
  test: [file, name],
}) => {
  expect(number in ATTACK_CASES || /^C\d+$/.test(number)).toBe(true)
  for (const { file: source, piece } of without) expect(readFileSync(source, 'utf8')).toContain(piece)
  expect(readFileSync(file, 'utf8')).toContain(name)
})
