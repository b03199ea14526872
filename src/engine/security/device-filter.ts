import type { DeviceRule } from './devices.ts'

/**
 * Compiles an allow list of devices to an eBPF program of type CGROUP_DEVICE, for hosts without the v1 controller.
 * The program gets `struct bpf_cgroup_dev_ctx {u32 access_type; u32 major; u32 minor}` in r1, where access_type is
 * `access << 16 | type`, and returns 1 to allow (include/uapi/linux/bpf.h). The first rule that matches allows.
 */
export function compileDeviceFilter(rules: readonly DeviceRule[]): Uint8Array {
  const code: Instruction[] = [
    load(2, 0),
    move(3, 2),
    alu32(AND_K, 2, 0xffff),
    alu32(RIGHT_SHIFT_K, 3, 16),
    load(4, 4),
    load(5, 8),
  ]
  // The kernel refuses a program with instructions that nothing leads to: behind a rule for everything comes nothing.
  const last = rules.findIndex(matchesAll)
  for (const rule of last < 0 ? rules : rules.slice(0, last + 1)) code.push(...compileRule(rule))
  if (last < 0) code.push(moveConstant(0, 0), EXIT)
  const bytes = new Uint8Array(code.length * 8)
  const view = new DataView(bytes.buffer)
  for (const [index, instruction] of code.entries()) {
    view.setUint8(index * 8, instruction.opcode)
    view.setUint8(index * 8 + 1, (instruction.source << 4) | instruction.destination)
    view.setInt16(index * 8 + 2, instruction.offset, true)
    view.setInt32(index * 8 + 4, instruction.immediate, true)
  }
  return bytes
}

interface Instruction {
  readonly opcode: number
  readonly destination: number
  readonly source: number
  readonly offset: number
  readonly immediate: number
}

const TYPE: Readonly<Record<'b' | 'c', number>> = { b: 1, c: 2 }
const ACCESS: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 }

// Opcodes: class | operation | source, from include/uapi/linux/bpf_common.h.
const AND_K = 0x54
const RIGHT_SHIFT_K = 0x74
const EXIT: Instruction = { opcode: 0x95, destination: 0, source: 0, offset: 0, immediate: 0 }

function matchesAll({ type, major, minor, access }: DeviceRule): boolean {
  return type === 'a' && major === '*' && minor === '*' && [...'rwm'].every(letter => access.includes(letter))
}

/** What each rule becomes: every test that fails jumps behind the rule. */
function compileRule(rule: DeviceRule): Instruction[] {
  const tests: Instruction[][] = []
  if (rule.type !== 'a') tests.push([jumpUnless(2, TYPE[rule.type])])
  const access = [...rule.access].reduce((bits, letter) => bits | (ACCESS[letter] ?? 0), 0)
  // Bits asked for that the rule does not grant must be none.
  if (access !== 7) tests.push([move(1, 3), alu32(AND_K, 1, ~access & 7), jumpUnless(1, 0)])
  if (rule.major !== '*') tests.push([jumpUnless(4, rule.major)])
  if (rule.minor !== '*') tests.push([jumpUnless(5, rule.minor)])
  const body = [...tests.flat(), moveConstant(0, 1), EXIT]
  return body.map((instruction, index) =>
    instruction.opcode === 0x55 ? { ...instruction, offset: body.length - index - 1 } : instruction,
  )
}

/** `rN = *(u32 *)(r1 + offset)` */
function load(destination: number, offset: number): Instruction {
  return { opcode: 0x61, destination, source: 1, offset, immediate: 0 }
}

function move(destination: number, source: number): Instruction {
  return { opcode: 0xbc, destination, source, offset: 0, immediate: 0 }
}

function moveConstant(destination: number, immediate: number): Instruction {
  return { opcode: 0xb7, destination, source: 0, offset: 0, immediate }
}

function alu32(opcode: number, destination: number, immediate: number): Instruction {
  return { opcode, destination, source: 0, offset: 0, immediate }
}

/** Jumps behind the rule when the register differs; the distance is filled in by `compileRule`. */
function jumpUnless(destination: number, immediate: number): Instruction {
  return { opcode: 0x55, destination, source: 0, offset: 0, immediate }
}
