/** A program of BPF, and where it is asked (enum bpf_attach_type). */
export interface AttachedProgram {
  readonly place: number
  readonly code: Uint8Array
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

/** {u32 length of the group's path, u32 of the types, u32 of a value, u32 number of programs}, path with its NUL, types, and each program as {u32 place, u32 length, bytes}. */
export function encodeAttached({ group, valueLength, types, programs }: AttachedPrograms): Buffer {
  const path = Buffer.from(`${group}\0`)
  return Buffer.concat([
    numbers(path.length, types.length, valueLength, programs.length),
    path,
    types,
    ...programs.flatMap(({ place, code }) => [numbers(place, code.length), code]),
  ])
}

function numbers(...all: readonly number[]): Buffer {
  const bytes = Buffer.alloc(all.length * 4)
  for (const [index, number] of all.entries()) bytes.writeUInt32LE(number, index * 4)
  return bytes
}
