import { createHash } from 'node:crypto'
import { failure, messageOf } from '../../diagnostics/index.ts'
import { textOfName } from '../../linux/name-text.ts'
import { type PackItem, packTree, type UnpackEntry } from '../../native/index.ts'
import { encodeHeader, endOfArchive, padding, plainEntry, type TarEntry } from '../../tar/index.ts'
import { bytesOf } from './entries.ts'

/** What a layer's folder holds. */
export interface LayerMeasure {
  /** Digest of the layer's tar stream as the OCI image specification has it: whiteouts as `.wh.` files. */
  readonly diffId: string
  /** Bytes of all files and of where symbolic links lead to, hard links counted once. */
  readonly size: number
  /** Bytes of that tar; absent where nobody has counted. */
  readonly tarSize?: number
  /** Entries, not counting the root. */
  readonly entries: number
  /** Folders that hide what lower layers have in them, relative paths, sorted. Node cannot read that attribute. */
  readonly opaque: readonly string[]
  /** The highest number of an owner or group, where one is above 65,535; absent where none is, or nobody has looked. */
  readonly highestId?: number
}

/** That field, of the highest id that was met. */
export function highestIdOf(highest: number): Pick<LayerMeasure, 'highestId'> {
  return highest > 65_535 ? { highestId: highest } : {}
}

const OPAQUE = 'trusted.overlay.opaque'

/** Reads a layer's folder once and measures it. Raises LAYER_UNREADABLE. */
export async function measureLayer(folder: string): Promise<LayerMeasure> {
  const hash = createHash('sha256')
  let tarSize = 0
  const canonical = new CanonicalTar(bytes => {
    hash.update(bytes)
    tarSize += bytes.length
  })
  for await (const items of itemsOf(folder)) canonical.take(items)
  canonical.finish()
  const { size, entries, opaque, highest } = canonical
  const diffId = `sha256:${hash.digest('hex')}`
  return { diffId, size, tarSize, entries, opaque: opaque.toSorted(), ...highestIdOf(highest) }
}

/** The tar that `measureLayer` takes the digest of. */
export async function* canonicalTar(folder: string): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = []
  const canonical = new CanonicalTar(bytes => pieces.push(bytes))
  for await (const items of itemsOf(folder)) {
    canonical.take(items)
    yield Buffer.concat(pieces)
    pieces = []
  }
  canonical.finish()
  yield Buffer.concat(pieces)
}

/** What is in a folder, sorted by names, as the native program reads it: Node cannot read extended attributes. */
async function* itemsOf(folder: string): AsyncGenerator<readonly PackItem[]> {
  try {
    yield* packTree(folder)
  } catch (error) {
    throw failure({
      code: 'LAYER_UNREADABLE',
      summary: `the layer in "${folder}" cannot be read`,
      detail: messageOf(error),
      cause: error,
    })
  }
}

/** Turns entries of an overlay folder into those of an OCI layer, in their canonical form. */
class CanonicalTar {
  readonly opaque: string[] = []
  size = 0
  entries = 0
  highest = 0
  readonly #put: (bytes: Buffer) => void
  #left = 0
  #padding: Buffer = Buffer.alloc(0)

  constructor(put: (bytes: Buffer) => void) {
    this.#put = put
  }

  take(items: readonly PackItem[]): void {
    for (const item of items) {
      if (Buffer.isBuffer(item)) this.#content(item)
      else this.#entry(item)
    }
  }

  /** The root is not in the tar: it is what the layer is unpacked to. */
  #entry(entry: UnpackEntry): void {
    const { name } = entry
    if (name === '') return
    this.entries += 1
    if (isWhiteout(entry)) {
      this.#marker(whiteoutName(name), entry.mtime)
      return
    }
    this.#add({
      ...entry,
      name: entry.type === 'folder' ? `${name}/` : name,
      xattrs: ownXattrs(entry),
    })
    if (entry.type !== 'folder' || entry.xattrs.get(OPAQUE) !== 'y') return
    this.opaque.push(textOfName(Buffer.from(name, 'latin1')))
    this.#marker(`${name}/.wh..wh..opq`, entry.mtime)
  }

  #content(chunk: Buffer): void {
    this.#put(chunk)
    this.#left -= chunk.length
    if (this.#left === 0) this.#put(this.#padding)
  }

  finish(): void {
    this.#put(endOfArchive())
  }

  #marker(name: string, mtime: number): void {
    this.#add(plainEntry({ type: 'file', name, mode: 0, mtime }))
  }

  #add(entry: TarEntry): void {
    this.#put(encodeHeader(entry))
    this.size += bytesOf(entry)
    this.highest = Math.max(this.highest, entry.uid, entry.gid)
    this.#left = entry.size
    this.#padding = padding(entry.size)
  }
}

function isWhiteout(entry: UnpackEntry): boolean {
  return entry.type === 'char' && entry.devMajor === 0 && entry.devMinor === 0
}

function whiteoutName(name: string): string {
  const slash = name.lastIndexOf('/')
  return `${name.slice(0, slash + 1)}.wh.${name.slice(slash + 1)}`
}

/** Without overlayfs's own bookkeeping (origin, impure, …), which names inodes of this machine, and without labels, which are of its policy. */
function ownXattrs(entry: UnpackEntry): ReadonlyMap<string, string> {
  return new Map(
    [...entry.xattrs].filter(([name]) => !name.startsWith('trusted.overlay.') && name !== 'security.selinux'),
  )
}
