/** One instruction of eBPF (linux/bpf.h); of a jump `to` is the label that it leads to. */
export interface Instruction {
  readonly opcode: number
  readonly destination: number
  readonly source: number
  readonly offset: number
  readonly immediate: number
  readonly to?: string
}

/** A place that jumps lead to. */
export interface Label {
  readonly label: string
}

/** Bytes of an instruction. */
const LENGTH = 8

/** The bytes of a program: each jump gets the distance to its label. */
export function encodeInstructions(lines: readonly (Instruction | Label)[]): Uint8Array {
  const code: Instruction[] = []
  const places = new Map<string, number>()
  for (const line of lines) {
    if ('label' in line) places.set(line.label, code.length)
    else code.push(line)
  }
  const bytes = new Uint8Array(code.length * LENGTH)
  const view = new DataView(bytes.buffer)
  for (const [index, { opcode, destination, source, offset, immediate, to }] of code.entries()) {
    const at = index * LENGTH
    view.setUint8(at, opcode)
    view.setUint8(at + 1, (source << 4) | destination)
    view.setInt16(at + 2, to === undefined ? offset : distance(places, to, index), true)
    view.setInt32(at + 4, immediate, true)
  }
  return bytes
}

function distance(places: ReadonlyMap<string, number>, to: string, from: number): number {
  const place = places.get(to)
  if (place === undefined) throw new Error(`no label ${to}`)
  return place - from - 1
}

const instruction = (opcode: number, parts: Partial<Omit<Instruction, 'opcode'>> = {}): Instruction => ({
  opcode,
  destination: 0,
  source: 0,
  offset: 0,
  immediate: 0,
  ...parts,
})

// Opcodes: class | size or operation | source, from include/uapi/linux/bpf_common.h and bpf.h.
const LOAD = { u32: 0x61, u64: 0x79 } as const
const STORE = { u16: 0x6b, u32: 0x63 } as const
const STORE_ZERO = { u16: 0x6a, u32: 0x62 } as const
/** In the place of a source: what follows is the number of a map, which becomes the descriptor of one. */
const PSEUDO_MAP_FD = 1

export const EXIT: Instruction = instruction(0x95)

/** `destination = *(size *)(source + offset)` */
export function load(
  size: keyof typeof LOAD,
  destination: number,
  source: number,
  offset: number,
): Instruction {
  return instruction(LOAD[size], { destination, source, offset })
}

/** `*(size *)(destination + offset) = source` */
export function store(
  size: keyof typeof STORE,
  destination: number,
  offset: number,
  source: number,
): Instruction {
  return instruction(STORE[size], { destination, source, offset })
}

/** `*(size *)(destination + offset) = immediate` */
export function storeConstant(
  size: keyof typeof STORE_ZERO,
  destination: number,
  offset: number,
  immediate: number,
): Instruction {
  return instruction(STORE_ZERO[size], { destination, offset, immediate })
}

/** Of all 64 bits: addresses too. */
export function copy(destination: number, source: number): Instruction {
  return instruction(0xbf, { destination, source })
}

/** Of the lower 32 bits. */
export function copyLow(destination: number, source: number): Instruction {
  return instruction(0xbc, { destination, source })
}

export function setTo(destination: number, immediate: number): Instruction {
  return instruction(0xb7, { destination, immediate })
}

/** Of all 64 bits: addresses too. */
export function add(destination: number, immediate: number): Instruction {
  return instruction(0x07, { destination, immediate })
}

/** Of the lower 32 bits. */
export function and(destination: number, immediate: number): Instruction {
  return instruction(0x54, { destination, immediate })
}

/** Of the lower 32 bits. */
export function shiftRight(destination: number, immediate: number): Instruction {
  return instruction(0x74, { destination, immediate })
}

export function jump(to: string): Instruction {
  return instruction(0x05, { to })
}

/** Compares the lower 32 bits. */
export function jumpUnless(destination: number, immediate: number, to: string): Instruction {
  return instruction(0x56, { destination, immediate, to })
}

/** Compares the lower 32 bits. */
export function jumpIf(destination: number, immediate: number, to: string): Instruction {
  return instruction(0x16, { destination, immediate, to })
}

/** Compares the lower 32 bits of two registers. */
export function jumpUnlessSame(destination: number, source: number, to: string): Instruction {
  return instruction(0x5e, { destination, source, to })
}

/** Where an address is none. */
export function jumpIfNull(destination: number, to: string): Instruction {
  return instruction(0x15, { destination, to })
}

/** Calls a function of the kernel's, by its number: arguments are registers 1 to 5, the result is register 0. */
export function call(number: number): Instruction {
  return instruction(0x85, { immediate: number })
}

/** A map, by its number among those that whoever loads the program makes for it: two instructions. */
export function loadMap(destination: number, number: number): Instruction[] {
  return [instruction(0x18, { destination, source: PSEUDO_MAP_FD, immediate: number }), instruction(0)]
}
