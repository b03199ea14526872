import { expect, test } from 'vitest'
import { encodeProgram } from '../../src/native/encode.ts'
import { egressChangeOp, egressOp } from '../../src/network/index.ts'
import { type EgressRule, egressBeyond, parseEgress } from '../../src/notation/index.ts'

/** The longest names that there are, and other lines whose rules are the longest. */
const longest = (names: number, others: number, first = 'a'): string[] => [
  ...Array.from({ length: names }, (_, index) =>
    `${first}${index}.${`${'e'.repeat(50)}.`.repeat(4)}`.padEnd(237, 'x').concat('.de:443-450'),
  ),
  ...Array.from({ length: others }, (_, index) => `[2001:db8:${index.toString(16)}::]/47:443-450`),
]

const rulesOf = (lines: readonly string[]): EgressRule[] => lines.flatMap(line => parseEgress(line) ?? [])

test('the most lines that a service may have fit into a program, also where each takes the place of another', () => {
  const [before, after] = [longest(1_000, 7_000), longest(1_000, 7_000, 'b')]
  expect(egressBeyond(before)).toBeUndefined()
  const targets = rulesOf(after)
  expect(targets).toHaveLength(8_000)
  const policy = { targets, subnets: ['10.0.0.0/24'], gateways: ['10.0.0.1'], servers: [] }
  for (const setup of [egressOp(policy), [egressChangeOp(policy, rulesOf(before))]])
    expect(() => encodeProgram({ setup })).not.toThrow()
})

test.each([
  [longest(0, 8_001), 8_000],
  [[...longest(0, 500), ...longest(1_001, 0)], 1_500],
  [longest(1_001, 7_000), 1_000],
])('the first line that is too many is named', (lines, index) => {
  expect(egressBeyond(lines)?.index).toBe(index)
})
