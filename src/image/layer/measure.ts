import { spawn } from 'node:child_process'
import { createHash, type Hash } from 'node:crypto'
import { finished } from 'node:stream/promises'
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

/** Reads a layer's folder once, with GNU tar since Node cannot read extended attributes, and measures it. */
export async function measureLayer(folder: string): Promise<LayerMeasure> {
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
  let stderr = ''
  tar.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = `${stderr}${text}`.slice(-2000)
  })
  const canonical = new CanonicalHash()
  const decoder = new TarDecoder(canonical)
  tar.stdout.on('data', (chunk: Buffer) => {
    try {
      decoder.write(chunk)
    } catch (error) {
      tar.stdout.destroy(error instanceof Error ? error : new Error(String(error)))
    }
  })
  const [code] = await Promise.all([exited, finished(tar.stdout)])
  if (code !== 0)
    throw failure({ code: 'LAYER_UNREADABLE', summary: `tar of "${folder}" failed`, detail: stderr })
  decoder.end()
  return canonical.finish()
}

/** Turns entries of an overlay folder into those of an OCI layer, and hashes their canonical form. */
class CanonicalHash implements TarVisitor {
  readonly #hash: Hash = createHash('sha256')
  readonly #opaque: string[] = []
  #size = 0
  #entries = 0
  #left = 0
  #padding: Buffer = Buffer.alloc(0)

  entry(entry: TarEntry): void {
    const name = relativeName(entry.name)
    if (name === '') return
    this.#entries += 1
    if (isWhiteout(entry)) {
      this.#marker(whiteoutName(name), entry.mtime)
      return
    }
    this.#put({
      ...entry,
      name: entry.type === 'folder' ? `${name}/` : name,
      linkName: linkNameOf(entry),
      xattrs: ownXattrs(entry),
    })
    if (entry.type !== 'folder' || entry.xattrs.get(OPAQUE) !== 'y') return
    this.#opaque.push(Buffer.from(name, 'latin1').toString('utf8'))
    this.#marker(`${name}/.wh..wh..opq`, entry.mtime)
  }

  data(chunk: Buffer): void {
    this.#hash.update(chunk)
    this.#left -= chunk.length
    if (this.#left === 0) this.#hash.update(this.#padding)
  }

  finish(): LayerMeasure {
    this.#hash.update(endOfArchive())
    return {
      diffId: `sha256:${this.#hash.digest('hex')}`,
      size: this.#size,
      entries: this.#entries,
      opaque: this.#opaque.sort(),
    }
  }

  #marker(name: string, mtime: number): void {
    this.#put(plainEntry({ type: 'file', name, mode: 0, mtime }))
  }

  #put(entry: TarEntry): void {
    this.#hash.update(encodeHeader(entry))
    this.#size += entry.size
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
