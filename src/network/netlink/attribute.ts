/** Netlink is in the machine's byte order; every machine that Node 20 runs Linux on for us is little-endian. */

/** Bytes of one attribute: length, type, payload, padding to 4. */
export function attribute(type: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(align(4 + payload.length))
  bytes.writeUInt16LE(4 + payload.length, 0)
  bytes.writeUInt16LE(type, 2)
  bytes.set(payload, 4)
  return bytes
}

/** An attribute of a NUL-terminated text. */
export function textAttribute(type: number, text: string): Buffer {
  return attribute(type, Buffer.from(`${text}\0`))
}

/** An attribute of one u32. */
export function u32Attribute(type: number, value: number): Buffer {
  const payload = Buffer.alloc(4)
  payload.writeUInt32LE(value)
  return attribute(type, payload)
}

/** An attribute of two bytes, in the machine's order. */
export function u16Attribute(type: number, value: number): Buffer {
  const payload = Buffer.alloc(2)
  payload.writeUInt16LE(value)
  return attribute(type, payload)
}

/** An attribute of one byte. */
export function u8Attribute(type: number, value: number): Buffer {
  return attribute(type, Uint8Array.of(value))
}

/** An attribute that consists of others. */
export function nestedAttribute(type: number, ...inner: readonly Uint8Array[]): Buffer {
  return attribute(type, Buffer.concat(inner))
}

/** Attributes by type. */
export function parseAttributes(bytes: Buffer): Map<number, Buffer> {
  return new Map(listAttributes(bytes))
}

/** Attributes as they stand, also several of one type (the flag bits NLA_F_NESTED and NLA_F_NET_BYTEORDER removed); parsing stops at broken lengths. */
export function listAttributes(bytes: Buffer): (readonly [number, Buffer])[] {
  const attributes: (readonly [number, Buffer])[] = []
  eachAttribute(bytes, 0, bytes.length, (type, from, to) => attributes.push([type, bytes.subarray(from, to)]))
  return attributes
}

/** Calls `take` for each attribute between two places of a list, with its type and where its payload is: of many objects nothing is made that is not wanted. */
export function eachAttribute(
  bytes: Uint8Array,
  start: number,
  end: number,
  take: (type: number, from: number, to: number) => void,
): void {
  for (let at = start; at + 4 <= end; ) {
    const length = u16At(bytes, at)
    if (length < 4 || at + length > end) return
    take(u16At(bytes, at + 2) & 0x3fff, at + 4, at + length)
    at += align(length)
  }
}

function u16At(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)
}

/** A u32 of a message. */
export function u32At(bytes: Uint8Array, at: number): number {
  return (u16At(bytes, at) | (u16At(bytes, at + 2) << 16)) >>> 0
}

/** The text of an attribute's payload up to its NUL. */
export function textAt(bytes: Buffer, from: number, to: number): string {
  const end = bytes.indexOf(0, from)
  return bytes.toString('latin1', from, end < 0 || end > to ? to : end)
}

/** The text of an attribute, without its NUL. */
export function attributeText(payload: Buffer | undefined): string | undefined {
  return payload?.toString('utf8').replace(/\0.*$/s, '')
}

/** Rounds up to the alignment of netlink. */
export function align(length: number): number {
  return (length + 3) & ~3
}
