import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { errnoOf, failure } from '../../diagnostics/index.ts'
import { started } from '../../linux/started.ts'
import {
  encodeHeader,
  endOfArchive,
  padding,
  plainEntry,
  TarDecoder,
  type TarEntry,
  type TarVisitor,
} from '../../tar/index.ts'

/** What a layer's folder holds. */
export interface LayerMeasure {
  /** Digest of the layer's tar stream as the OCI image specification has it: whiteouts as `.wh.` files. */
  readonly diffId: string
  /** Bytes of all files, hard links counted once. */
  readonly size: number
  /** Bytes of that tar; absent where nobody has counted. */
  readonly tarSize?: number
  /** Entries, not counting the root. */
  readonly entries: number
  /** Folders that hide what lower layers have in them, relative paths, sorted. Node cannot read that attribute. */
  readonly opaque: readonly string[]
}

const OPAQUE = 'trusted.overlay.opaque'
/** Names are sorted, times are whole seconds, and nothing of the machine is in the stream. */
const TAR_ARGS = [
  '--create',
  '--sort=name',
  '--format=posix',
  '--pax-option=delete=atime,delete=ctime,delete=mtime',
  '--numeric-owner',
  '--xattrs',
  '--xattrs-include=*',
  '--file=-',
  '.',
] as const

/** Reads a layer's folder once and measures it. */
export async function measureLayer(folder: string): Promise<LayerMeasure> {
  const hash = createHash('sha256')
  let tarSize = 0
  const canonical = new CanonicalTar(bytes => {
    hash.update(bytes)
    tarSize += bytes.length
  })
  for await (const _ of readBy(folder, canonical));
  canonical.finish()
  const { size, entries, opaque } = canonical
  return { diffId: `sha256:${hash.digest('hex')}`, size, tarSize, entries, opaque: opaque.toSorted() }
}

/** The tar that `measureLayer` takes the digest of. */
export async function* canonicalTar(folder: string): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = []
  const canonical = new CanonicalTar(bytes => pieces.push(bytes))
  for await (const _ of readBy(folder, canonical)) {
    yield Buffer.concat(pieces)
    pieces = []
  }
  canonical.finish()
  yield Buffer.concat(pieces)
}

/** Has GNU tar read a folder, since Node cannot read extended attributes; gives a turn after each piece that was told. */
async function* readBy(folder: string, visitor: TarVisitor): AsyncGenerator<void> {
  const tar = started(
    spawn('tar', [...TAR_ARGS], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  )
  const exited = new Promise<number | null>((resolve, reject) => {
    tar.once('error', error => reject(missingTar(error)))
    tar.once('close', resolve)
  })
  exited.catch(() => undefined)
  let stderr = ''
  tar.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = `${stderr}${text}`.slice(-2000)
  })
  const decoder = new TarDecoder(visitor)
  try {
    for await (const chunk of tar.stdout) {
      decoder.write(chunk as Buffer)
      yield
    }
    if ((await exited) !== 0)
      throw failure({ code: 'LAYER_UNREADABLE', summary: `tar of "${folder}" failed`, detail: stderr })
    decoder.end()
  } finally {
    tar.kill()
  }
}

/** Turns entries of an overlay folder into those of an OCI layer, in their canonical form. */
class CanonicalTar implements TarVisitor {
  readonly opaque: string[] = []
  size = 0
  entries = 0
  readonly #put: (bytes: Buffer) => void
  #left = 0
  #padding: Buffer = Buffer.alloc(0)

  constructor(put: (bytes: Buffer) => void) {
    this.#put = put
  }

  entry(entry: TarEntry): void {
    const name = relativeName(entry.name)
    if (name === '') return
    this.entries += 1
    if (isWhiteout(entry)) {
      this.#marker(whiteoutName(name), entry.mtime)
      return
    }
    this.#add({
      ...entry,
      name: entry.type === 'folder' ? `${name}/` : name,
      linkName: linkNameOf(entry),
      xattrs: ownXattrs(entry),
    })
    if (entry.type !== 'folder' || entry.xattrs.get(OPAQUE) !== 'y') return
    this.opaque.push(Buffer.from(name, 'latin1').toString('utf8'))
    this.#marker(`${name}/.wh..wh..opq`, entry.mtime)
  }

  data(chunk: Buffer): void {
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
    this.size += entry.size
    this.#left = entry.size
    this.#padding = padding(entry.size)
  }
}

function isWhiteout(entry: TarEntry): boolean {
  return entry.type === 'char' && entry.devMajor === 0 && entry.devMinor === 0
}

function whiteoutName(name: string): string {
  const slash = name.lastIndexOf('/')
  return `${name.slice(0, slash + 1)}.wh.${name.slice(slash + 1)}`
}

function relativeName(name: string): string {
  return name.replace(/^\.\/?/, '').replace(/\/$/, '')
}

function linkNameOf(entry: TarEntry): string {
  return entry.type === 'link' ? relativeName(entry.linkName) : entry.linkName
}

/** Without overlayfs's own bookkeeping (origin, impure, …), which names inodes of this machine. */
function ownXattrs(entry: TarEntry): ReadonlyMap<string, string> {
  return new Map([...entry.xattrs].filter(([name]) => !name.startsWith('trusted.overlay.')))
}

function missingTar(error: Error): Error {
  if (errnoOf(error) !== 'ENOENT') return error
  return failure({
    code: 'TOOL_MISSING',
    kind: 'unavailable',
    summary: 'GNU tar is not installed',
    hint: 'apt-get install tar',
    cause: error,
  })
}
