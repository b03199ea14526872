/** A program of BPF, and where it is asked (enum bpf_attach_type). */
export interface AttachedProgram {
  readonly place: number
  readonly code: Uint8Array
  /** One that hangs there already is joined, with its map, and monitors may hold it (`MonitorConnection.shortcut`). It has the second map alone. */
  readonly shared?: true
}

/** How the kernel numbers what was attached. */
export interface AttachedNumbers {
  /** The first map. */
  readonly map: number
  /** The links of those that are shared. */
  readonly shared: readonly number[]
}

/** Programs for sockets' addresses in a control group, which have two maps of values of sockets in common; they call them 0 and 1. */
export interface AttachedPrograms {
  /** The control group's folder. */
  readonly group: string
  /** Bytes of what a socket has in a map. */
  readonly valueLength: number
  /** BTF, in which type 1 is the maps' key and type 2 the value. */
  readonly types: Uint8Array
  readonly programs: readonly AttachedProgram[]
}

/** {u32 length of the group's path, u32 of the types, u32 of a value, u32 number of programs}, path with its NUL, types, and each program as {u32 place, u32 whether it is shared, u32 length, bytes}. */
export function encodeAttached({ group, valueLength, types, programs }: AttachedPrograms): Buffer {
  const path = Buffer.from(`${group}\0`)
  return Buffer.concat([
    numbers(path.length, types.length, valueLength, programs.length),
    path,
    types,
    ...programs.flatMap(({ place, code, shared }) => [numbers(place, shared ? 1 : 0, code.length), code]),
  ])
}

function numbers(...all: readonly number[]): Buffer {
  const bytes = Buffer.alloc(all.length * 4)
  for (const [index, number] of all.entries()) bytes.writeUInt32LE(number, index * 4)
  return bytes
}

/** What is told of them: {u32 map, u32 of each link}. */
export function decodeNumbers(bytes: Buffer): AttachedNumbers {
  const [map = 0, ...shared] = Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readUInt32LE(at * 4))
  return { map, shared }
}

/** What a monitor is told: {u32 map, u32 0, u32 of each link}. */
export function encodeShortcut({ map, shared }: AttachedNumbers): Buffer {
  return numbers(map, 0, ...shared)
}
