import {
  ARCH_OFFSET,
  branch,
  encodeFilter,
  type Instruction,
  JUMP_EQUAL,
  JUMP_GREATER_OR_EQUAL,
  LOAD,
  NR_OFFSET,
  plain,
  RETURN,
} from './bpf.ts'
import { type Abi, AUDIT_ARCH, callNumbers } from './calls.ts'
import { guard } from './conditions.ts'
import { type Action, ENOSYS, type Policy, type Rule } from './policy.ts'

/** Numbers from here on are the x32 ABI under x86_64's audit value. */
const X32_BIT = 0x40000000

/** SECCOMP_RET_* values (include/uapi/linux/seccomp.h). */
const RETURNS: Readonly<Record<Exclude<Action['kind'], 'errno'>, number>> = {
  killProcess: 0x80000000,
  killThread: 0,
  trap: 0x00030000,
  trace: 0x7ff00000,
  log: 0x7ffc0000,
  allow: 0x7fff0000,
}
const RETURN_ERRNO = 0x00050000

/**
 * Compiles a policy to a classic BPF filter. First the calling convention is told apart (a foreign one kills: it would
 * give every number another meaning), then the number is sought by bisection over ranges of equal answers.
 */
export function compilePolicy(policy: Policy): Uint8Array {
  const start: Instruction[] = [plain(RETURN, RETURNS.killProcess)]
  const filter = policy.abis.reduceRight(
    (otherwise, abi) => branch(JUMP_EQUAL, AUDIT_ARCH[abi], compileAbi(abi, policy), otherwise),
    start,
  )
  return encodeFilter([plain(LOAD, ARCH_OFFSET), ...filter])
}

/** A run of numbers with one answer, from `first` to the next range. */
interface Range {
  readonly first: number
  readonly key: string
  readonly code: readonly Instruction[]
}

function compileAbi(abi: Abi, policy: Policy): Instruction[] {
  const numbers = callNumbers(abi)
  const rulesOf = indexRules(policy.rules)
  const byNumber = new Map([...numbers].map(([name, number]) => [number, rulesOf.get(name) ?? []]))
  const last = Math.max(...byNumber.keys())
  const ranges: Range[] = []
  for (let number = 0; number <= last + 1; number += 1) {
    const rules = byNumber.get(number)
    const range =
      rules === undefined ? rangeOf(number, [], policy.unknown) : rangeOf(number, rules, policy.refused)
    if (ranges.at(-1)?.key !== range.key) ranges.push(range)
  }
  // x32 numbers carry a high bit; what this kernel offers to others there, it does not offer here.
  if (abi === 'x86_64') ranges.push(rangeOf(X32_BIT, [], ENOSYS))
  return [plain(LOAD, NR_OFFSET), ...bisect(ranges)]
}

/** The rules of each call in order, up to the first without conditions: what follows it can never decide. */
function indexRules(rules: readonly Rule[]): Map<string, Rule[]> {
  const index = new Map<string, Rule[]>()
  for (const rule of rules) {
    for (const name of rule.calls) {
      const list = index.get(name) ?? []
      if (list.at(-1) !== undefined && !isConditional(list.at(-1))) continue
      index.set(name, [...list, rule])
    }
  }
  return index
}

function isConditional(rule: Rule | undefined): boolean {
  return (rule?.conditions?.length ?? 0) > 0
}

function rangeOf(first: number, rules: readonly Rule[], otherwise: Action): Range {
  const code: Instruction[] = []
  let decided = false
  for (const rule of rules) {
    decided = !isConditional(rule)
    const body = [answer(rule.action)]
    code.push(...(decided ? body : guard(rule.conditions ?? [], body)))
  }
  if (!decided) code.push(answer(otherwise))
  return { first, code, key: JSON.stringify(code) }
}

function bisect(ranges: readonly Range[]): Instruction[] {
  const [only] = ranges
  if (ranges.length <= 1) return [...(only?.code ?? [])]
  const middle = ranges.length >> 1
  const pivot = ranges[middle]
  return branch(
    JUMP_GREATER_OR_EQUAL,
    pivot?.first ?? 0,
    bisect(ranges.slice(middle)),
    bisect(ranges.slice(0, middle)),
  )
}

function answer(action: Action): Instruction {
  return plain(
    RETURN,
    action.kind === 'errno' ? RETURN_ERRNO | (action.errno & 0xffff) : RETURNS[action.kind],
  )
}
