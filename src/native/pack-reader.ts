import { failure } from '../diagnostics/index.ts'
import { ENTRY_END, ENTRY_HEAD, ENTRY_NUMBERS, entryTypeOf } from './entry-wire.ts'
import type { UnpackEntry } from './unpack-stream.ts'

/** An entry of a tree, or content of the file that came before. */
export type PackItem = UnpackEntry | Buffer

/** Longest payload that the program sends: two paths and the attributes. */
const LONGEST = 64 * 1024 * 1024

/** Cuts what the operation `pack` writes into entries and their content (entry-wire.ts), without copying content. */
export class PackReader {
  #pending: Buffer = Buffer.alloc(0)
  #content = 0
  #isWhole = false

  /** The end has come: the tree is whole. */
  get isWhole(): boolean {
    return this.#isWhole
  }

  /** Takes a chunk; gives what it completes. Raises NATIVE_FRAME_INVALID for what cannot be. */
  push(chunk: Buffer): readonly PackItem[] {
    let rest = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    const items: PackItem[] = []
    while (rest.length > 0) {
      if (this.#content > 0) {
        const content = rest.subarray(0, this.#content)
        this.#content -= content.length
        items.push(content)
        rest = rest.subarray(content.length)
        continue
      }
      const length = rest.length < ENTRY_HEAD ? undefined : frameLength(rest)
      if (length === undefined || rest.length < length) break
      const entry = this.#frame(rest.subarray(0, length))
      if (entry !== undefined) items.push(entry)
      rest = rest.subarray(length)
    }
    this.#pending = rest
    return items
  }

  #frame(frame: Buffer): UnpackEntry | undefined {
    if (frame.readUInt32LE(0) === ENTRY_END) {
      this.#isWhole = true
      return undefined
    }
    const entry = entryOf(frame)
    this.#content = entry.size
    return entry
  }
}

function frameLength(bytes: Buffer): number {
  const length = bytes.readUInt32LE(4)
  if (length > LONGEST)
    throw failure({ code: 'NATIVE_FRAME_INVALID', summary: `Entry of a tree with ${length} bytes` })
  return ENTRY_HEAD + length
}

function entryOf(frame: Buffer): UnpackEntry {
  const type = entryTypeOf(frame.readUInt32LE(0))
  if (type === undefined || frame.length < ENTRY_HEAD + ENTRY_NUMBERS)
    throw failure({ code: 'NATIVE_FRAME_INVALID', summary: 'Entry of a tree that is none' })
  const number = (index: number): number => frame.readUInt32LE(ENTRY_HEAD + 4 * index)
  const name = ENTRY_HEAD + ENTRY_NUMBERS
  const target = name + number(8) + 1
  return {
    type,
    name: frame.toString('latin1', name, target - 1),
    linkName: frame.toString('latin1', target, target + number(9)),
    mode: number(0),
    uid: number(1),
    gid: number(2),
    size: Number(frame.readBigUInt64LE(8)),
    mtime: Number(frame.readBigInt64LE(ENTRY_HEAD + 24)),
    nanoseconds: number(5),
    devMajor: number(3),
    devMinor: number(4),
    xattrs: attributesOf(frame, target + number(9) + 1, number(10)),
  }
}

function attributesOf(frame: Buffer, start: number, count: number): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>()
  let at = start
  for (let index = 0; index < count; index++) {
    const name = at + 8
    const value = name + frame.readUInt32LE(at) + 1
    const end = value + frame.readUInt32LE(at + 4)
    attributes.set(frame.toString('latin1', name, value - 1), frame.toString('latin1', value, end))
    at = end
  }
  return attributes
}
