/** What a process wants to do with a device. */
export interface DeviceAccess {
  readonly type: 'b' | 'c'
  readonly major: number
  readonly minor: number
  readonly access: string
}

const BITS: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 }

/** Interprets the few eBPF instructions that device filters are made of, for tests. */
export function deviceFilterAllows(program: Uint8Array, wish: DeviceAccess): boolean {
  const access = [...wish.access].reduce((bits, letter) => bits | (BITS[letter] ?? 0), 0)
  const context = [(access << 16) | (wish.type === 'b' ? 1 : 2), wish.major, wish.minor]
  const registers = new Array<number>(11).fill(0)
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength)
  for (let at = 0; at < program.byteLength / 8; at += 1) {
    const destination = view.getUint8(at * 8 + 1) & 15
    const source = view.getUint8(at * 8 + 1) >> 4
    const offset = view.getInt16(at * 8 + 2, true)
    const immediate = view.getInt32(at * 8 + 4, true)
    const value = registers[destination] ?? 0
    switch (view.getUint8(at * 8)) {
      case 0x61:
        registers[destination] = context[offset / 4] ?? 0
        break
      case 0xbc:
        registers[destination] = registers[source] ?? 0
        break
      case 0xb7:
        registers[destination] = immediate
        break
      case 0x54:
        registers[destination] = (value & immediate) >>> 0
        break
      case 0x74:
        registers[destination] = value >>> immediate
        break
      case 0x56:
        if (value !== immediate) at += offset
        break
      case 0x95:
        return registers[0] === 1
      default:
        throw new Error(`instruction ${at} is unknown`)
    }
  }
  throw new Error('the program does not end')
}

/** Places of the instructions that no way through the program comes to. */
export function unreachedInstructions(program: Uint8Array): number[] {
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength)
  const reached = new Set([0])
  for (const at of reached) {
    const opcode = view.getUint8(at * 8)
    if (opcode === 0x95) continue
    reached.add(at + 1)
    if (opcode === 0x56) reached.add(at + 1 + view.getInt16(at * 8 + 2, true))
  }
  return Array.from({ length: program.byteLength / 8 }, (_, at) => at).filter(at => !reached.has(at))
}
