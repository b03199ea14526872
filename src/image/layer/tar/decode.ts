import { failure } from '../../../diagnostics/index.ts'
import { BLOCK, type TarEntry, type TarType, TYPE_FLAGS, XATTR_PREFIX } from './entry.ts'

const TYPES = new Map<string, TarType>(
  Object.entries(TYPE_FLAGS).map(([type, flag]) => [flag, type as TarType]),
)
/** Bound of a PAX header; a single extended attribute is at most 64 KiB in the kernel. */
const MAX_PAX = 1024 * 1024

/** Who is told what an archive holds, in order. */
export interface TarVisitor {
  entry(entry: TarEntry): void
  /** Bytes of the file that was last announced. */
  data(chunk: Buffer): void
}

type Records = ReadonlyMap<string, string>
const NONE: Records = new Map()

/**
 * Reads a PAX or ustar archive as its bytes come, without copying file content. Sparse files and GNU's own long
 * names are refused: what it reads is written by a `tar` that is told not to make them.
 */
export class TarDecoder {
  readonly #visitor: TarVisitor
  #pending: Buffer = Buffer.alloc(0)
  #records: Records = NONE
  /** Content bytes of the present entry still to come, and the padding behind them. */
  #content = 0
  #skip = 0
  #ended = false

  constructor(visitor: TarVisitor) {
    this.#visitor = visitor
  }

  /** Takes the next bytes. */
  write(chunk: Buffer): void {
    let rest = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    while (rest.length > 0 && !this.#ended) {
      const used = this.#step(rest)
      if (used === 0) break
      rest = rest.subarray(used)
    }
    this.#pending = this.#ended ? Buffer.alloc(0) : rest
  }

  /** Raises when the archive stopped in the middle. */
  end(): void {
    if (this.#content > 0 || this.#skip > 0 || this.#pending.length > 0)
      throw malformed('it ends within an entry')
  }

  #step(bytes: Buffer): number {
    if (this.#content > 0) {
      const chunk = bytes.subarray(0, this.#content)
      this.#content -= chunk.length
      this.#visitor.data(chunk)
      return chunk.length
    }
    if (this.#skip > 0) {
      const used = Math.min(this.#skip, bytes.length)
      this.#skip -= used
      return used
    }
    return bytes.length < BLOCK ? 0 : this.#header(bytes)
  }

  #header(bytes: Buffer): number {
    const block = bytes.subarray(0, BLOCK)
    const flag = text(block, 156, 1)
    if (flag === '' && block.every(byte => byte === 0)) {
      this.#ended = true
      return BLOCK
    }
    if (flag === 'x') return this.#pax(bytes, octal(block, 124, 12))
    const entry = entryOf(block, flag, this.#records)
    this.#records = NONE
    this.#content = entry.size
    this.#skip = (BLOCK - (entry.size % BLOCK)) % BLOCK
    this.#visitor.entry(entry)
    return BLOCK
  }

  #pax(bytes: Buffer, size: number): number {
    if (size > MAX_PAX) throw malformed(`a PAX header of ${size} bytes`)
    const padded = Math.ceil(size / BLOCK) * BLOCK
    if (bytes.length < BLOCK + padded) return 0
    this.#records = paxRecords(bytes.subarray(BLOCK, BLOCK + size))
    return BLOCK + padded
  }
}

function entryOf(block: Buffer, flag: string, records: Records): TarEntry {
  const type = TYPES.get(flag === '' ? '0' : flag)
  if (type === undefined) throw malformed(`an entry of type "${flag}"`)
  const prefix = text(block, 345, 155)
  const short = text(block, 0, 100)
  const number = (key: string, otherwise: number): number => {
    const value = records.get(key)
    return value === undefined ? otherwise : Number(value)
  }
  return {
    type,
    name: records.get('path') ?? (prefix === '' ? short : `${prefix}/${short}`),
    linkName: records.get('linkpath') ?? text(block, 157, 100),
    mode: octal(block, 100, 8) & 0o7777,
    uid: number('uid', octal(block, 108, 8)),
    gid: number('gid', octal(block, 116, 8)),
    size: type === 'file' ? number('size', octal(block, 124, 12)) : 0,
    mtime: Math.floor(number('mtime', octal(block, 136, 12))),
    devMajor: octal(block, 329, 8),
    devMinor: octal(block, 337, 8),
    xattrs: xattrsOf(records),
  }
}

function xattrsOf(records: Records): ReadonlyMap<string, string> {
  const found = [...records].filter(([key]) => key.startsWith(XATTR_PREFIX))
  return new Map(found.map(([key, value]) => [key.slice(XATTR_PREFIX.length), value]))
}

function paxRecords(body: Buffer): Records {
  const records = new Map<string, string>()
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(' ', at)
    const length = space === -1 ? Number.NaN : Number(body.toString('latin1', at, space))
    if (!Number.isInteger(length) || length <= 0 || at + length > body.length) throw malformed('a PAX record')
    const record = body.toString('latin1', space + 1, at + length - 1)
    const equals = record.indexOf('=')
    records.set(record.slice(0, equals), record.slice(equals + 1))
    at += length
  }
  return records
}

function text(block: Buffer, offset: number, length: number): string {
  const field = block.toString('latin1', offset, offset + length)
  const end = field.indexOf('\0')
  return end === -1 ? field : field.slice(0, end)
}

/** An octal number, or GNU's base 256 for those that do not fit. */
function octal(block: Buffer, offset: number, length: number): number {
  if (((block[offset] ?? 0) & 0x80) !== 0) {
    return Number(BigInt(`0x${block.toString('hex', offset + 1, offset + length)}`))
  }
  const digits = text(block, offset, length).trim()
  const value = digits === '' ? 0 : Number.parseInt(digits, 8)
  if (Number.isNaN(value)) throw malformed(`the number "${digits}"`)
  return value
}

function malformed(what: string): Error {
  return failure({
    code: 'TAR_MALFORMED',
    kind: 'invalidArgument',
    summary: `tar archive is malformed: ${what}`,
  })
}
