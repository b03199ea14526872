/** One instruction of classic BPF (`struct sock_filter`): jumps are counted from the next instruction. */
export interface Instruction {
  readonly code: number
  readonly jumpTrue: number
  readonly jumpFalse: number
  readonly operand: number
}

// Classes and operations of include/uapi/linux/bpf_common.h, as far as filters need them.
/** A = 32-bit word of seccomp_data at an offset. */
export const LOAD = 0x20
/** A &= operand. */
export const AND = 0x54
export const JUMP = 0x05
export const JUMP_EQUAL = 0x15
export const JUMP_GREATER = 0x25
export const JUMP_GREATER_OR_EQUAL = 0x35
export const JUMP_ANY_BIT = 0x45
export const RETURN = 0x06

/** Offsets in `struct seccomp_data`. */
export const NR_OFFSET = 0
export const ARCH_OFFSET = 4

/** Offset of a 32-bit half of an argument; both machines we run on are little-endian. */
export function argumentOffset(index: number, half: 'low' | 'high'): number {
  return 16 + 8 * index + (half === 'high' ? 4 : 0)
}

/** An instruction without a jump. */
export function plain(code: number, operand: number): Instruction {
  return { code, jumpTrue: 0, jumpFalse: 0, operand: operand >>> 0 }
}

/** Most that a conditional jump can skip. */
const LONGEST = 255

/**
 * `if (A test operand) whenTrue else whenFalse`, where both blocks end in a return. The false block comes first; over a
 * long one a plain jump leads, since conditional ones reach 255 instructions only.
 */
export function branch(
  code: number,
  operand: number,
  whenTrue: readonly Instruction[],
  whenFalse: readonly Instruction[],
): Instruction[] {
  if (whenFalse.length <= LONGEST) {
    return [
      { code, operand: operand >>> 0, jumpTrue: whenFalse.length, jumpFalse: 0 },
      ...whenFalse,
      ...whenTrue,
    ]
  }
  return [
    { code, operand: operand >>> 0, jumpTrue: 0, jumpFalse: 1 },
    plain(JUMP, whenFalse.length),
    ...whenFalse,
    ...whenTrue,
  ]
}

/** The bytes of `struct sock_filter[]`. */
export function encodeFilter(instructions: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(instructions.length * 8)
  const view = new DataView(bytes.buffer)
  for (const [index, instruction] of instructions.entries()) {
    view.setUint16(index * 8, instruction.code, true)
    view.setUint8(index * 8 + 2, instruction.jumpTrue)
    view.setUint8(index * 8 + 3, instruction.jumpFalse)
    view.setUint32(index * 8 + 4, instruction.operand, true)
  }
  return bytes
}
