import { BLOCK, type TarEntry, type TarType, TYPE_FLAGS } from './entry.ts'
import { malformed, unsupported } from './failure.ts'
import { type Header, readHeader } from './header.ts'
import { applyRecords, parseRecords, type Records } from './pax.ts'
import { layoutOfHeader, layoutOfRecords, SparseContent } from './sparse.ts'

const TYPES = new Map<string, TarType>([
  ...Object.entries(TYPE_FLAGS).map(([type, flag]): [string, TarType] => [flag, type as TarType]),
  // Archives from before POSIX, and files that some systems lay out in one piece.
  ['\0', 'file'],
  ['7', 'file'],
])
/** Flags that describe the entry behind them, with a body of their own: PAX for one entry and for all, GNU's long names. */
const DESCRIBING = new Set(['x', 'g', 'L', 'K'])
/** GNU's flags for what is more than an entry, by what they mean. */
const BEYOND = new Map([
  ['S', 'a sparse file'],
  ['M', 'a file that began on another volume'],
  ['D', 'an incremental dump'],
  ['V', 'a volume label'],
])
/** Bound of a describing body; a single extended attribute is at most 64 KiB in the kernel. */
const MAX_BODY = 1024 * 1024

/** Who is told what an archive holds, in order. */
export interface TarVisitor {
  entry(entry: TarEntry): void
  /** Bytes of the file that was last announced. */
  data(chunk: Buffer): void
  /** Bytes that are no file's content, in order with those that are: headers, what fills up blocks, what stands behind the end. */
  frame?(bytes: Buffer): void
}

/** GNU's old form of a sparse file. */
const SPARSE_FLAG = 'S'
const NO_LAYOUT = { layout: undefined, used: BLOCK }
/** Zeros that are told at once: whoever takes them has to have room for them. */
const MOST_ZEROS = 1024 * 1024

const NONE: Records = new Map()

/**
 * Reads a tar archive as its bytes come (POSIX ustar and pax, GNU's long names and large numbers, and what is older),
 * without copying file content. Raises TAR_MALFORMED and TAR_UNSUPPORTED.
 */
export class TarDecoder {
  readonly #visitor: TarVisitor
  #pending: Buffer = Buffer.alloc(0)
  #globals: Records = NONE
  #records: Records = NONE
  /** Content bytes of the present entry still to come, and the padding behind them. */
  #content = 0
  #skip = 0
  #ended = false
  #isPaused = false
  /** Of the present entry, where it is sparse. */
  #sparse: SparseContent | undefined
  readonly #takesSparse: boolean

  /** `sparse`: sparse files are told with their holes as zeros; otherwise they are refused, for what is stored is not their content. */
  constructor(visitor: TarVisitor, options: { readonly sparse?: boolean } = {}) {
    this.#visitor = visitor
    this.#takesSparse = options.sparse === true
  }

  /** Whether there is more to tell of what was written; `write` with nothing goes on. */
  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Content bytes of the present file that come next as they are; 0 where something else may come before. */
  get owed(): number {
    return this.#sparse === undefined && this.#pending.length === 0 ? this.#content : 0
  }

  /** Goes on behind so many of them, which nobody need be told of. */
  pass(count: number): void {
    this.#content -= count
  }

  /** Takes the next bytes. What comes after the end of the archive is let go. */
  write(chunk: Buffer): void {
    let rest = this.#pending.length === 0 ? chunk : joined(this.#pending, chunk)
    this.#isPaused = !this.#tellHole()
    while (rest.length > 0 && !this.#ended && !this.#isPaused) {
      const used = this.#step(rest)
      if (used === 0) break
      rest = rest.subarray(used)
      this.#isPaused = !this.#tellHole()
    }
    if (this.#ended && rest.length > 0) this.#visitor.frame?.(rest)
    this.#pending = this.#ended ? Buffer.alloc(0) : rest
  }

  /** Tells the zeros of a hole, some at a time: whether that was all. */
  #tellHole(): boolean {
    for (let told = 0; this.#sparse !== undefined; ) {
      const zeros = this.#sparse.hole()
      if (zeros.length === 0) break
      this.#visitor.data(zeros)
      told += zeros.length
      if (told >= MOST_ZEROS) return false
    }
    if (this.#sparse?.isWhole) this.#sparse = undefined
    return true
  }

  /** Raises when the archive stopped in the middle. The docker CLI leaves out the padding of a last file. */
  end(): void {
    if (this.#content > 0 || this.#sparse !== undefined || this.#pending.length > 0 || this.#records !== NONE)
      throw malformed('it ends within an entry')
  }

  #step(bytes: Buffer): number {
    if (this.#content > 0 && this.#sparse !== undefined) {
      const { used, content } = this.#sparse.take(bytes.subarray(0, this.#content))
      this.#content -= used
      if (content.length > 0) this.#visitor.data(content)
      return used
    }
    if (this.#content > 0) {
      const chunk = bytes.subarray(0, this.#content)
      this.#content -= chunk.length
      this.#visitor.data(chunk)
      return chunk.length
    }
    if (this.#skip > 0) {
      const used = Math.min(this.#skip, bytes.length)
      this.#skip -= used
      this.#visitor.frame?.(bytes.subarray(0, used))
      return used
    }
    return bytes.length < BLOCK ? 0 : this.#block(bytes)
  }

  #block(bytes: Buffer): number {
    const block = bytes.subarray(0, BLOCK)
    if (block[0] === 0 && block.every(byte => byte === 0)) {
      this.#ended = true
      this.#visitor.frame?.(block)
      return BLOCK
    }
    const header = readHeader(block)
    if (DESCRIBING.has(header.flag)) return this.#describe(bytes, header)
    const old = header.flag === SPARSE_FLAG && this.#takesSparse ? layoutOfHeader(bytes) : NO_LAYOUT
    if (old === undefined) return 0
    const records = this.#globals === NONE ? this.#records : this.#allRecords()
    const layout = old.layout ?? layoutOfRecords(records)
    if (layout !== undefined && !this.#takesSparse) throw unsupported('a sparse file')
    const entry = entryOf(layout === undefined ? header : { ...header, flag: '0' }, records)
    this.#records = NONE
    this.#content = entry.size
    this.#skip = (BLOCK - (entry.size % BLOCK)) % BLOCK
    this.#sparse = layout === undefined ? undefined : new SparseContent(layout, entry.size)
    this.#visitor.frame?.(block)
    this.#visitor.entry(
      layout === undefined ? entry : { ...entry, name: layout.name ?? entry.name, size: layout.size },
    )
    return old.used
  }

  #describe(bytes: Buffer, { flag, size }: Header): number {
    if (size > MAX_BODY) throw malformed(`a header of ${size} bytes`)
    const padded = Math.ceil(size / BLOCK) * BLOCK
    if (bytes.length < BLOCK + padded) return 0
    const body = bytes.subarray(BLOCK, BLOCK + size)
    this.#visitor.frame?.(bytes.subarray(0, BLOCK + padded))
    if (flag === 'g') this.#globals = new Map([...this.#globals, ...parseRecords(body)])
    else
      this.#records = new Map([
        ...this.#records,
        ...(flag === 'x' ? parseRecords(body) : longName(flag, body)),
      ])
    return BLOCK + padded
  }

  #allRecords(): Records {
    return new Map([...this.#globals, ...this.#records])
  }
}

function joined(pending: Buffer, chunk: Buffer): Buffer {
  return chunk.length === 0 ? pending : Buffer.concat([pending, chunk])
}

/** GNU's long name of an entry or of its link, as the PAX record that means the same. */
function longName(flag: string, body: Buffer): Records {
  const end = body.indexOf(0)
  const name = body.toString('latin1', 0, end === -1 ? body.length : end)
  return new Map([[flag === 'L' ? 'path' : 'linkpath', name]])
}

function entryOf(header: Header, records: Records): TarEntry {
  const { flag } = header
  const type = TYPES.get(flag)
  if (type === undefined) {
    const beyond = BEYOND.get(flag)
    throw beyond === undefined ? malformed(`an entry of type ${JSON.stringify(flag)}`) : unsupported(beyond)
  }
  const { name, linkName, mode, uid, gid, size, mtime, nanoseconds, devMajor, devMinor, xattrs } =
    applyRecords(header, records)
  const isOldFolder = flag === '\0' && name.endsWith('/')
  return {
    type: isOldFolder ? 'folder' : type,
    name,
    linkName,
    mode,
    uid,
    gid,
    size: type === 'file' && !isOldFolder ? size : 0,
    mtime,
    nanoseconds,
    devMajor,
    devMinor,
    xattrs,
  }
}
