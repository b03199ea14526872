import {
  AND,
  argumentOffset,
  type Instruction,
  JUMP_ANY_BIT,
  JUMP_EQUAL,
  JUMP_GREATER,
  JUMP_GREATER_OR_EQUAL,
  LOAD,
  plain,
} from './bpf.ts'
import type { Condition } from './policy.ts'

/** Where a test goes on: the next instruction, past this condition (it holds), or past the whole rule (it does not). */
type Target = 'next' | 'holds' | 'fails'

interface Step {
  readonly code: number
  readonly operand: number
  readonly yes: Target
  readonly no: Target
}

/**
 * A rule with conditions: `body` (which returns) when all hold, falling through to what follows when one does not.
 */
export function guard(conditions: readonly Condition[], body: readonly Instruction[]): Instruction[] {
  const parts = conditions.map(condition => stepsOf(condition))
  const total = parts.reduce((sum, part) => sum + part.length, 0) + body.length
  const code: Instruction[] = []
  for (const part of parts) {
    const start = code.length
    for (const step of part) {
      const here = code.length + 1
      const distance = (target: Target): number =>
        target === 'next' ? 0 : target === 'holds' ? start + part.length - here : total - here
      const jump = step.code !== LOAD && step.code !== AND
      code.push({
        code: step.code,
        operand: step.operand >>> 0,
        jumpTrue: jump ? distance(step.yes) : 0,
        jumpFalse: jump ? distance(step.no) : 0,
      })
    }
  }
  return [...code, ...body]
}

function stepsOf(condition: Condition): Step[] {
  const { index } = condition
  switch (condition.test) {
    case 'lowIn':
      return [
        load(index, 'low'),
        ...condition.values.map(
          (value, position): Step =>
            test(JUMP_EQUAL, value, 'holds', position === condition.values.length - 1 ? 'fails' : 'next'),
        ),
      ]
    case 'lowMaskZero':
      return [load(index, 'low'), test(JUMP_ANY_BIT, condition.mask, 'fails', 'holds')]
    case 'maskedEq':
      return [
        load(index, 'high'),
        { ...plainStep(AND, high(condition.mask)) },
        test(JUMP_EQUAL, high(condition.value), 'next', 'fails'),
        load(index, 'low'),
        { ...plainStep(AND, low(condition.mask)) },
        test(JUMP_EQUAL, low(condition.value), 'holds', 'fails'),
      ]
    default:
      return compare(index, condition.test, condition.value)
  }
}

/** 64-bit comparison in two halves. */
function compare(index: number, kind: 'ne' | 'lt' | 'le' | 'eq' | 'ge' | 'gt', value: bigint): Step[] {
  const [yes, no]: readonly [Target, Target] =
    kind === 'ne' || kind === 'lt' || kind === 'le' ? ['fails', 'holds'] : ['holds', 'fails']
  if (kind === 'eq' || kind === 'ne') {
    return [
      load(index, 'high'),
      test(JUMP_EQUAL, high(value), 'next', no),
      load(index, 'low'),
      test(JUMP_EQUAL, low(value), yes, no),
    ]
  }
  // `lt` is not `ge`, `le` is not `gt`.
  const lowTest = kind === 'ge' || kind === 'lt' ? JUMP_GREATER_OR_EQUAL : JUMP_GREATER
  return [
    load(index, 'high'),
    test(JUMP_GREATER, high(value), yes, 'next'),
    test(JUMP_EQUAL, high(value), 'next', no),
    load(index, 'low'),
    test(lowTest, low(value), yes, no),
  ]
}

function load(index: number, half: 'low' | 'high'): Step {
  return plainStep(LOAD, argumentOffset(index, half))
}

function plainStep(code: number, operand: number): Step {
  return { ...plain(code, operand), yes: 'next', no: 'next' }
}

function test(code: number, operand: number, yes: Target, no: Target): Step {
  return { code, operand, yes, no }
}

function high(value: bigint): number {
  return Number((value >> 32n) & 0xffffffffn)
}

function low(value: bigint): number {
  return Number(value & 0xffffffffn)
}
