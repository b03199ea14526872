import { isUtf8 } from 'node:buffer'

/** Where the lone surrogates begin that stand for bytes: U+DC80 for 0x80. */
const ESCAPED = 0xdc00
const LONE = /[\udc80-\udcff]/u
const PIECES = /([\udc80-\udcff])/u

/**
 * A file name, which is any bytes, as text: UTF-8 as what it says, and each byte that is part of none as a lone surrogate from
 * U+DC80 on (as Python's file names have it, PEP 383). So two names never have one text, `bytesOfName` gives the very bytes
 * again, and a pattern sees such a byte as one character, as Go's patterns do.
 */
export function textOfName(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8')
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const length = lengthAt(bytes, at)
    text +=
      length === 0
        ? String.fromCharCode(ESCAPED + bytes.readUInt8(at))
        : bytes.toString('utf8', at, at + length)
    at += Math.max(length, 1)
  }
  return text
}

/** The bytes of a name. */
export function bytesOfName(text: string): Buffer {
  if (!LONE.test(text)) return Buffer.from(text, 'utf8')
  const pieces = text.split(PIECES)
  return Buffer.concat(
    pieces.map((piece, index) =>
      index % 2 === 0 ? Buffer.from(piece, 'utf8') : Buffer.from([piece.charCodeAt(0) - ESCAPED]),
    ),
  )
}

/** A path with names as `textOfName` gives them, as the functions of Node take it. */
export function nodePath(text: string): string | Buffer {
  return LONE.test(text) ? bytesOfName(text) : text
}

/** The order of names by their bytes. */
export function compareNames(a: string, b: string): number {
  return Buffer.compare(bytesOfName(a), bytesOfName(b))
}

/** How many bytes the character at a place has; 0 where there is none. */
function lengthAt(bytes: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length += 1)
    if (isUtf8(bytes.subarray(at, at + length))) return length
  return 0
}
