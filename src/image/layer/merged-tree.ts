import type { Stats } from 'node:fs'
import { lstat, open, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf, failure } from '../../diagnostics/index.ts'

/** One lower folder of a stack. */
export interface LowerFolder {
  readonly folder: string
  /** Relative paths of folders that hide what is below. */
  readonly opaque: readonly string[]
}

/** What lies at a path of the merged tree. */
export interface MergedEntry {
  /** The path with every symlink resolved, absolute inside the tree. */
  readonly path: string
  readonly stats: Stats
  /** Where it lies on the host; for a folder, its uppermost part. */
  readonly hostPath: string
}

interface Place {
  readonly stats: Stats
  readonly hostPath: string
  /** Layers in which the entry, a folder, is seen. */
  readonly layers: readonly LowerFolder[]
}

const MAX_LINKS = 40
/** What stands in a name for bytes that are not UTF-8. */
export const NOT_UTF8 = '\ufffd'

/**
 * Reads the tree that overlayfs would show of a stack of layers, without a mount. Symlinks resolve inside the tree.
 * The layers must not change meanwhile: those of the store never do, and a context is the builder's own copy.
 */
export class MergedTree {
  readonly #layers: readonly LowerFolder[]

  /** Layers top first. */
  constructor(layers: readonly LowerFolder[]) {
    this.#layers = layers
  }

  /** What a path means, following symlinks; undefined when there is nothing. */
  async find(path: string): Promise<MergedEntry | undefined> {
    const { place, path: resolved } = await this.#walk(path, true)
    return place === undefined ? undefined : { path: resolved, stats: place.stats, hostPath: place.hostPath }
  }

  /** The path with its symlinks resolved as far as they go; what is missing stays as it is written. */
  async resolve(path: string): Promise<string> {
    return (await this.#walk(path, true)).path
  }

  /** As find, but a symlink at the end is itself the answer. */
  async findLink(path: string): Promise<MergedEntry | undefined> {
    const { place, path: resolved } = await this.#walk(path, false)
    return place === undefined ? undefined : { path: resolved, stats: place.stats, hostPath: place.hostPath }
  }

  /**
   * Names in a folder, sorted bytewise; none when it is not one. Those that are not UTF-8 have U+FFFD in them and cannot be
   * found by it.
   */
  async list(path: string): Promise<readonly string[]> {
    const { place, path: folder } = await this.#walk(path, true)
    if (place === undefined || !place.stats.isDirectory()) return []
    const names = new Set<string>()
    for (const layer of place.layers) {
      for (const name of await readdir(join(layer.folder, folder))) names.add(name)
    }
    const entries = await Promise.all(
      [...names].map(async name => [name, await this.findLink(join(folder, name))] as const),
    )
    return entries
      .filter(([name, entry]) => entry !== undefined || name.includes(NOT_UTF8))
      .map(([name]) => name)
      .sort()
  }

  /** Text of a regular file; undefined when there is none. Raises FILE_TOO_LARGE. */
  async readText(path: string, maxBytes: number): Promise<string | undefined> {
    const entry = await this.find(path)
    if (entry === undefined || !entry.stats.isFile()) return undefined
    if (entry.stats.size > maxBytes) throw tooLarge(path, entry.stats.size, maxBytes)
    const file = await open(entry.hostPath, 'r')
    try {
      return await file.readFile('utf8')
    } finally {
      await file.close()
    }
  }

  /** The path as far as it goes, and what lies there; missing parts are kept in the path. */
  async #walk(path: string, followLast: boolean): Promise<{ path: string; place: Place | undefined }> {
    let todo = path.split('/')
    let done: string[] = []
    let place: Place | undefined = await this.#root()
    for (let links = 0; todo.length > 0; ) {
      const name = todo.shift() ?? ''
      if (name === '' || name === '.') continue
      if (name === '..') {
        done = done.slice(0, -1)
        place = await this.#at(done)
        continue
      }
      const next: Place | undefined = place === undefined ? undefined : await lookup(place, done, name)
      if (next?.stats.isSymbolicLink() && (followLast || todo.some(rest => rest !== ''))) {
        links += 1
        if (links > MAX_LINKS) return { path: `/${[...done, name].join('/')}`, place: undefined }
        const target = await readlink(next.hostPath)
        todo = [...target.split('/'), ...todo]
        if (target.startsWith('/')) {
          done = []
          place = await this.#root()
        }
        continue
      }
      done = [...done, name]
      place = next
    }
    return { path: `/${done.join('/')}`, place }
  }

  async #root(): Promise<Place | undefined> {
    const top = this.#layers[0]
    if (top === undefined) return undefined
    return { stats: await lstat(top.folder), hostPath: top.folder, layers: this.#layers }
  }

  /** The place of a path that has no symlinks. */
  async #at(names: readonly string[]): Promise<Place | undefined> {
    let place = await this.#root()
    for (const [index, name] of names.entries()) {
      if (place === undefined) return undefined
      place = await lookup(place, names.slice(0, index), name)
    }
    return place
  }
}

/** Goes one name down: the first layer that knows the name decides, folders merge until something hides the rest. */
async function lookup(parent: Place, folder: readonly string[], name: string): Promise<Place | undefined> {
  if (!parent.stats.isDirectory()) return undefined
  const relative = [...folder, name].join('/')
  const layers: LowerFolder[] = []
  let first: { stats: Stats; hostPath: string } | undefined
  for (const layer of parent.layers) {
    const hostPath = join(layer.folder, relative)
    const stats = await lstatIfThere(hostPath)
    if (stats === undefined) continue
    if (isWhiteout(stats) || (first !== undefined && !stats.isDirectory())) break
    first ??= { stats, hostPath }
    if (!stats.isDirectory()) break
    layers.push(layer)
    if (layer.opaque.includes(relative)) break
  }
  return first === undefined ? undefined : { ...first, layers }
}

function isWhiteout(stats: Stats): boolean {
  return stats.isCharacterDevice() && stats.rdev === 0
}

async function lstatIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path)
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined
    throw error
  }
}

function tooLarge(path: string, size: number, maxBytes: number): Error {
  return failure({
    code: 'FILE_TOO_LARGE',
    kind: 'invalidArgument',
    summary: `"${path}" has ${size} bytes, at most ${maxBytes} are read`,
  })
}
