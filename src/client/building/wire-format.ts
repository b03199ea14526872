/**
 * The wire format of protocol buffers (protobuf.dev/programming-guides/encoding), as far as BuildKit's messages to a client need it:
 * fields with a number, of bytes or of an integer.
 */
export type WireValue = bigint | Buffer

/** The fields of a message, in order; a group's, which nobody uses any more, throws a RangeError as what is cut off does. */
export function* readFields(bytes: Buffer): Generator<readonly [field: number, value: WireValue]> {
  const cursor = { at: 0 }
  while (cursor.at < bytes.length) {
    const tag = readVarint(bytes, cursor)
    yield [Number(tag >> 3n), readValue(bytes, cursor, Number(tag & 7n))]
  }
}

/** A field of bytes, or of text. */
export function bytesField(field: number, value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes])
}

interface Cursor {
  at: number
}

function readValue(bytes: Buffer, cursor: Cursor, type: number): WireValue {
  if (type === 0) return readVarint(bytes, cursor)
  const length = type === 2 ? Number(readVarint(bytes, cursor)) : FIXED[type]
  if (length === undefined || cursor.at + length > bytes.length) throw new RangeError('no such field')
  const value = bytes.subarray(cursor.at, cursor.at + length)
  cursor.at += length
  return value
}

/** Lengths of fixed types, by their number. */
const FIXED: Readonly<Record<number, number>> = { 1: 8, 5: 4 }

function readVarint(bytes: Buffer, cursor: Cursor): bigint {
  let value = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = bytes.readUInt8(cursor.at)
    cursor.at += 1
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return value
  }
  throw new RangeError('an integer of more than ten bytes')
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  bytes.push(rest)
  return Buffer.from(bytes)
}
