import { bytesOfName } from '../linux/name-text.ts'

/** The last character of it. */
const ASCII = 0x7f

const NUL = Buffer.of(0)

/** A buffer that grows: integers are little-endian, strings and lists have their length in front of them (native/core/program.h). */
export class ByteWriter {
  #bytes: Buffer = Buffer.allocUnsafe(16 * 1024)
  #length = 0

  get length(): number {
    return this.#length
  }

  u16(value: number): void {
    this.#length = this.#room(2).writeUInt16LE(value, this.#length)
  }

  u32(value: number): void {
    this.#length = this.#room(4).writeUInt32LE(value >>> 0, this.#length)
  }

  u64(value: bigint): void {
    this.#length = this.#room(8).writeBigUInt64LE(value, this.#length)
  }

  /**
   * The length in bytes, then the bytes and a NUL, which counts: UTF-8, or those of a name that is not. False, and nothing of it is written,
   * where there is a NUL in it.
   */
  text(value: string): boolean {
    const { length } = value
    const bytes = this.#room(4 + length + 1)
    const begin = this.#length + 4
    // Most is short, and ASCII: going through it takes less than asking somebody else for its bytes.
    for (let at = 0; at < length; at += 1) {
      const code = value.charCodeAt(at)
      if (code === 0) return false
      if (code > ASCII) return this.#foreign(value)
      bytes[begin + at] = code
    }
    bytes[begin + length] = 0
    this.u32(length + 1)
    this.#length = begin + length + 1
    return true
  }

  #foreign(value: string): boolean {
    if (value.includes('\0')) return false
    this.bytes(Buffer.concat([bytesOfName(value), NUL]))
    return true
  }

  /** The length, then the bytes. */
  bytes(value: Uint8Array): void {
    this.u32(value.length)
    this.#room(value.length).set(value, this.#length)
    this.#length += value.length
  }

  /** Bytes that were written before, by `from` of another. */
  copy(written: Uint8Array): void {
    this.#room(written.length).set(written, this.#length)
    this.#length += written.length
  }

  /** A copy of what was written from a place on. */
  from(begin: number): Buffer {
    return Buffer.from(this.#bytes.subarray(begin, this.#length))
  }

  /** Leaves four bytes out, to be filled in by `fill`. Returns their place. */
  gap(): number {
    const at = this.#length
    this.u32(0)
    return at
  }

  fill(at: number, value: number): void {
    this.#bytes.writeUInt32LE(value >>> 0, at)
  }

  /** What was written. */
  finish(): Buffer {
    return this.from(0)
  }

  #room(size: number): Buffer {
    const needed = this.#length + size
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2))
      larger.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = larger
    }
    return this.#bytes
  }
}
