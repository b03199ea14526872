import { BLOCK } from './entry.ts'
import { malformed } from './failure.ts'

/** Largest id that is one: the one above means "leave as it is" to the kernel. */
const LARGEST_ID = 0xfffffffe
const CHECKSUM_AT = 148
const CHECKSUM_END = 156

/** The fields of a header block, as they stand there. */
export interface Header {
  /** Type flag; old archives have NUL for a file. */
  readonly flag: string
  readonly name: string
  readonly linkName: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly mtime: number
  readonly devMajor: number
  readonly devMinor: number
}

/** Reads a header block. Raises TAR_MALFORMED for a wrong checksum and numbers that are none. */
export function readHeader(block: Buffer): Header {
  if (!isHeader(block)) throw malformed('the checksum of a header is wrong')
  const name = text(block, 0, 100)
  // Old GNU headers have times where POSIX has the first part of a long name, and say so by their magic.
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? text(block, 345, 155) : ''
  return {
    flag: block.toString('latin1', 156, 157),
    name: prefix === '' ? name : `${prefix}/${name}`,
    linkName: text(block, 157, 100),
    mode: numberIn(block, 100, 8) & 0o7777,
    uid: checkId(numberIn(block, 108, 8)),
    gid: checkId(numberIn(block, 116, 8)),
    size: checkSize(numberIn(block, 124, 12)),
    mtime: numberIn(block, 136, 12),
    devMajor: numberIn(block, 329, 8),
    devMinor: numberIn(block, 337, 8),
  }
}

/** Whether a block is a header: its checksum is right, counted with or without signs as old archives do. */
export function isHeader(block: Buffer): boolean {
  if (block.length < BLOCK) return false
  const digits = text(block, CHECKSUM_AT, CHECKSUM_END - CHECKSUM_AT).trim()
  if (!/^[0-7]+$/.test(digits)) return false
  const wanted = Number.parseInt(digits, 8)
  let sum = 0
  let large = 0
  for (let at = 0; at < BLOCK; at++) {
    const byte = at >= CHECKSUM_AT && at < CHECKSUM_END ? 0x20 : (block[at] ?? 0)
    sum += byte
    if (byte >= 0x80) large += 1
  }
  return wanted === sum || wanted === sum - 256 * large
}

/** A size that a file can have. */
export function checkSize(size: number): number {
  if (Number.isSafeInteger(size) && size >= 0) return size
  throw malformed('an entry has a size that no file can have')
}

/** A user or group id. */
export function checkId(id: number): number {
  if (Number.isInteger(id) && id >= 0 && id <= LARGEST_ID) return id
  throw malformed('an owner has a number that is no id')
}

/** Text up to the first NUL. */
function text(block: Buffer, offset: number, length: number): string {
  const end = block.subarray(offset, offset + length).indexOf(0)
  return block.toString('latin1', offset, offset + (end === -1 ? length : end))
}

/** An octal number, or GNU's base 256 for those that do not fit. */
export function numberIn(block: Buffer, offset: number, length: number): number {
  const first = block[offset] ?? 0
  if ((first & 0x80) !== 0) return base256(block.subarray(offset, offset + length))
  const digits = text(block, offset, length).trim()
  if (digits === '') return 0
  if (!/^[0-7]+$/.test(digits)) throw malformed(`the number ${JSON.stringify(digits)}`)
  return Number.parseInt(digits, 8)
}

/** Two's complement whose uppermost bit only says that it is one. */
function base256(bytes: Buffer): number {
  const bits = BigInt(bytes.length * 8 - 1)
  const value = BigInt.asIntN(Number(bits), BigInt(`0x${bytes.toString('hex')}`))
  if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER)
    throw malformed('a number beyond 2^53')
  return Number(value)
}
