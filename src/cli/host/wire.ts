/** Of both sides: a launcher of another version runs its commands by itself. `native/launcher/wire.h` has the same numbers. */
export const WIRE_VERSION = '3'

/** Most bytes that a frame to the launcher carries. */
export const PAYLOAD = 65_536

/** Bytes of one stream that are sent before the launcher has said that earlier ones are written. */
export const WINDOW = 262_144

/** Kinds of frames; what each carries is said in `native/launcher/wire.h`. */
export const KIND = {
  hello: 1,
  go: 2,
  cold: 3,
  tail: 4,
  ended: 5,
  request: 16,
  input: 17,
  inputFailed: 18,
  written: 19,
  lost: 20,
  signal: 21,
  size: 22,
  begun: 32,
  output: 33,
  errorOutput: 34,
  want: 35,
  raw: 36,
  catch: 37,
  raise: 38,
  status: 39,
  heard: 40,
  counted: 41,
  countedError: 42,
  signalHeard: 43,
} as const

/**
 * What the launcher does where the engine is lost while it runs a command: `tell` says what it was given to say; `looks` has the command
 * begun anew unless it has written or read anything; `again` unless it has written to standard output or read; `go on` has it gone on with.
 */
export const IF_LOST = { tell: 0, looks: 1, again: 2, 'go on': 3 } as const

const HEAD = 8
/** Most bytes of a request: arguments and environment. */
const REQUEST = 4 * 1024 * 1024

/** A frame: its kind and the length of its payload, in the machine's own order, which is little-endian on all of ours. */
export function frame(kind: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const head = Buffer.alloc(HEAD)
  head.writeUInt32LE(kind, 0)
  head.writeUInt32LE(length, 4)
  return Buffer.concat([head, ...parts])
}

/** The payload of numbers. */
export function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, index * 4)
  return bytes
}

/** The n-th number of a payload. */
export function numberAt(payload: Buffer, index: number): number {
  return payload.length < (index + 1) * 4 ? 0 : payload.readUInt32LE(index * 4)
}

/** The texts of a payload: each ends in NUL. */
export function textsOf(payload: Buffer): string[] {
  return payload.toString('utf8').split('\0').slice(0, -1)
}

/** Takes bytes as they come and gives whole frames; throws a RangeError for what is none. */
export function frameReader(onFrame: (kind: number, payload: Buffer) => void): (bytes: Buffer) => void {
  let waiting: Buffer = Buffer.alloc(0)
  return bytes => {
    waiting = waiting.length === 0 ? bytes : Buffer.concat([waiting, bytes])
    while (waiting.length >= HEAD) {
      const length = waiting.readUInt32LE(4)
      if (length > REQUEST) throw new RangeError(`a frame of ${length} bytes`)
      if (waiting.length < HEAD + length) return
      const kind = waiting.readUInt32LE(0)
      const payload = waiting.subarray(HEAD, HEAD + length)
      waiting = waiting.subarray(HEAD + length)
      onFrame(kind, payload)
    }
  }
}
