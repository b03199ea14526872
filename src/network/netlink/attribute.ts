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

/** Attributes by type; only those that are wanted, where that is said: of a link there are fifty. */
export function parseAttributes(bytes: Buffer, wanted?: readonly number[]): Map<number, Buffer> {
  return new Map(listAttributes(bytes, wanted))
}

/** Attributes as they stand, also several of one type (the flag bits NLA_F_NESTED and NLA_F_NET_BYTEORDER removed); parsing stops at broken lengths. */
export function listAttributes(bytes: Buffer, wanted?: readonly number[]): (readonly [number, Buffer])[] {
  const attributes: (readonly [number, Buffer])[] = []
  let offset = 0
  while (offset + 4 <= bytes.length) {
    const length = bytes.readUInt16LE(offset)
    if (length < 4 || offset + length > bytes.length) break
    const type = bytes.readUInt16LE(offset + 2) & 0x3fff
    if (wanted === undefined || wanted.includes(type))
      attributes.push([type, bytes.subarray(offset + 4, offset + length)])
    offset += align(length)
  }
  return attributes
}

/** The text of an attribute, without its NUL. */
export function attributeText(payload: Buffer | undefined): string | undefined {
  return payload?.toString('utf8').replace(/\0.*$/s, '')
}

/** Rounds up to the alignment of netlink. */
export function align(length: number): number {
  return (length + 3) & ~3
}
