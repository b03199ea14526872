import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FAULT_CASES } from './cases.ts'
import { FAULT_DEFENCES } from './defences.ts'

test.each(FAULT_DEFENCES)('what survives $number, $what, is where it is taken out, and its test is there', ({
  number,
  without,
  test: [file, name],
}) => {
  expect(number in FAULT_CASES).toBe(true)
  for (const { file: source, piece } of without) expect(readFileSync(source, 'utf8')).toContain(piece)
  expect(readFileSync(file, 'utf8')).toContain(name)
})
