import {
  and,
  copyLow,
  EXIT,
  encodeInstructions,
  type Instruction,
  jumpUnless,
  type Label,
  load,
  setTo,
  shiftRight,
} from '../../linux/ebpf.ts'
import type { DeviceRule } from './devices.ts'

/**
 * Compiles an allow list of devices to an eBPF program of type CGROUP_DEVICE, for hosts without the v1 controller.
 * The program gets `struct bpf_cgroup_dev_ctx {u32 access_type; u32 major; u32 minor}` in r1, where access_type is
 * `access << 16 | type`, and returns 1 to allow (include/uapi/linux/bpf.h). The first rule that matches allows.
 */
export function compileDeviceFilter(rules: readonly DeviceRule[]): Uint8Array {
  const code: (Instruction | Label)[] = [
    load('u32', 2, CONTEXT, 0),
    copyLow(3, 2),
    and(2, 0xffff),
    shiftRight(3, 16),
    load('u32', 4, CONTEXT, 4),
    load('u32', 5, CONTEXT, 8),
  ]
  // The kernel refuses a program with instructions that nothing leads to: behind a rule for everything comes nothing.
  const last = rules.findIndex(matchesAll)
  const used = last < 0 ? rules : rules.slice(0, last + 1)
  for (const [index, rule] of used.entries()) code.push(...compileRule(rule, `behind ${index}`))
  if (last < 0) code.push(setTo(0, 0), EXIT)
  return encodeInstructions(code)
}

/** The register that a program begins with. */
const CONTEXT = 1

const TYPE: Readonly<Record<'b' | 'c', number>> = { b: 1, c: 2 }
const ACCESS: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 }

function matchesAll({ type, major, minor, access }: DeviceRule): boolean {
  return type === 'a' && major === '*' && minor === '*' && [...'rwm'].every(letter => access.includes(letter))
}

/** What each rule becomes: every test that fails jumps behind the rule. */
function compileRule(rule: DeviceRule, behind: string): (Instruction | Label)[] {
  const code: (Instruction | Label)[] = []
  if (rule.type !== 'a') code.push(jumpUnless(2, TYPE[rule.type], behind))
  const access = [...rule.access].reduce((bits, letter) => bits | (ACCESS[letter] ?? 0), 0)
  // Bits asked for that the rule does not grant must be none.
  if (access !== 7) code.push(copyLow(1, 3), and(1, ~access & 7), jumpUnless(1, 0, behind))
  if (rule.major !== '*') code.push(jumpUnless(4, rule.major, behind))
  if (rule.minor !== '*') code.push(jumpUnless(5, rule.minor, behind))
  return [...code, setTo(0, 1), EXIT, { label: behind }]
}
