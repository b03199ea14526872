import { nodePath } from '../linux/name-text.ts'

const ASCII = /^[\0-\x7f]*$/

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

  /** The length in bytes, then the bytes: UTF-8, or those of a name that is not. */
  text(value: string): void {
    // Most is ASCII, which is as many bytes as characters.
    if (ASCII.test(value)) {
      this.u32(value.length)
      this.#room(value.length).write(value, this.#length, 'latin1')
      this.#length += value.length
      return
    }
    const name = nodePath(value)
    if (typeof name !== 'string') {
      this.bytes(name)
      return
    }
    const size = Buffer.byteLength(value)
    this.u32(size)
    this.#room(size).write(value, this.#length, size, 'utf8')
    this.#length += size
  }

  /** The length, then the bytes. */
  bytes(value: Uint8Array): void {
    this.u32(value.length)
    this.#room(value.length).set(value, this.#length)
    this.#length += value.length
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
    return Buffer.from(this.#bytes.subarray(0, this.#length))
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
