/** The types of SSH's wire (RFC 4251, 5). */

/** Bytes with their length before them. */
export function string(bytes: Uint8Array | string): Buffer {
  const content = Buffer.from(bytes)
  return Buffer.concat([uint32(content.length), content])
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** A number that is not negative, as few bytes as it takes. */
export function mpint(big: Uint8Array): Buffer {
  const bytes = Buffer.from(big)
  let at = 0
  while (at < bytes.length && bytes[at] === 0) at += 1
  const short = bytes.subarray(at)
  return string(((short[0] ?? 0) & 0x80) === 0 ? short : Buffer.concat([Buffer.alloc(1), short]))
}

/** Reads one value after the other. Raises RangeError where the bytes end before. */
export class WireReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  uint32(): number {
    const value = this.#bytes.readUInt32BE(this.#at)
    this.#at += 4
    return value
  }

  string(): Buffer {
    const length = this.uint32()
    if (length > this.#bytes.length - this.#at) throw new RangeError('the bytes end within a string')
    const value = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return value
  }

  text(): string {
    return this.string().toString('latin1')
  }
}
