import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { failure } from '../../diagnostics/index.ts'
import { compareNames, nodePath, textOfName } from '../../linux/name-text.ts'

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

/** Where a path leads. */
interface Found {
  readonly path: string
  readonly place: Place | undefined
}

const MAX_LINKS = 40

/**
 * Reads the tree that overlayfs would show of a stack of layers, without a mount. Symlinks resolve inside the tree.
 * The layers must not change meanwhile: those of the store never do, and a context is the builder's own copy. It looks
 * without waiting: a look at a name takes microseconds, the way to another thread and back a hundred times as long.
 * Names are texts as `textOfName` gives them, in paths of the host, too: what reads a file by its path takes `nodePath` of it.
 */
export class MergedTree {
  readonly #layers: readonly LowerFolder[]

  /** Layers top first. */
  constructor(layers: readonly LowerFolder[]) {
    this.#layers = layers
  }

  /** What a path means, following symlinks; undefined when there is nothing. */
  async find(path: string): Promise<MergedEntry | undefined> {
    return entryOf(this.#walk(path, true))
  }

  /** The path with its symlinks resolved as far as they go; what is missing stays as it is written. */
  async resolve(path: string): Promise<string> {
    return this.#walk(path, true).path
  }

  /** As find, but a symlink at the end is itself the answer. */
  async findLink(path: string): Promise<MergedEntry | undefined> {
    return entryOf(this.#walk(path, false))
  }

  /** Names in a folder, sorted bytewise; none when it is not one. */
  async list(path: string): Promise<readonly string[]> {
    const { place, path: folder } = this.#walk(path, true)
    if (place === undefined || !place.stats.isDirectory()) return []
    const names = new Set<string>()
    for (const layer of place.layers) {
      const folderPath = nodePath(join(layer.folder, folder))
      for (const name of readdirSync(folderPath, { encoding: 'buffer' })) names.add(textOfName(name))
    }
    const above = namesOf(folder)
    return [...names].filter(name => lookup(place, above, name) !== undefined).toSorted(compareNames)
  }

  /** Text of a regular file; undefined when there is none. Raises FILE_TOO_LARGE. */
  async readText(path: string, maxBytes: number): Promise<string | undefined> {
    return (await this.readBytes(path, maxBytes))?.toString('utf8')
  }

  /** Bytes of a regular file; undefined when there is none. Raises FILE_TOO_LARGE. */
  async readBytes(path: string, maxBytes: number): Promise<Buffer | undefined> {
    const entry = await this.find(path)
    if (entry === undefined || !entry.stats.isFile()) return undefined
    if (entry.stats.size > maxBytes) throw tooLarge(path, entry.stats.size, maxBytes)
    const file = await open(nodePath(entry.hostPath), 'r')
    try {
      return await file.readFile()
    } finally {
      await file.close()
    }
  }

  /** The path as far as it goes, and what lies there; missing parts are kept in the path. */
  #walk(path: string, followLast: boolean): Found {
    let todo = path.split('/')
    let done: string[] = []
    let place: Place | undefined = this.#root()
    for (let links = 0; todo.length > 0; ) {
      const name = todo.shift() ?? ''
      if (name === '' || name === '.') continue
      if (name === '..') {
        done = done.slice(0, -1)
        place = this.#at(done)
        continue
      }
      const next: Place | undefined = place === undefined ? undefined : lookup(place, done, name)
      if (next?.stats.isSymbolicLink() && (followLast || todo.some(rest => rest !== ''))) {
        links += 1
        if (links > MAX_LINKS) return { path: `/${[...done, name].join('/')}`, place: undefined }
        const target = textOfName(readlinkSync(nodePath(next.hostPath), { encoding: 'buffer' }))
        todo = [...target.split('/'), ...todo]
        if (target.startsWith('/')) {
          done = []
          place = this.#root()
        }
        continue
      }
      done = [...done, name]
      place = next
    }
    return { path: `/${done.join('/')}`, place }
  }

  #root(): Place | undefined {
    const top = this.#layers[0]
    if (top === undefined) return undefined
    return { stats: lstatSync(top.folder), hostPath: top.folder, layers: this.#layers }
  }

  /** The place of a path that has no symlinks. */
  #at(names: readonly string[]): Place | undefined {
    let place = this.#root()
    for (const [index, name] of names.entries()) {
      if (place === undefined) return undefined
      place = lookup(place, names.slice(0, index), name)
    }
    return place
  }
}

/** Goes one name down: the first layer that knows the name decides, folders merge until something hides the rest. */
function lookup(parent: Place, folder: readonly string[], name: string): Place | undefined {
  if (!parent.stats.isDirectory()) return undefined
  const relative = [...folder, name].join('/')
  const layers: LowerFolder[] = []
  let first: { stats: Stats; hostPath: string } | undefined
  for (const layer of parent.layers) {
    const hostPath = join(layer.folder, relative)
    const stats = lstatSync(nodePath(hostPath), { throwIfNoEntry: false })
    if (stats === undefined) continue
    if (isWhiteout(stats) || (first !== undefined && !stats.isDirectory())) break
    first ??= { stats, hostPath }
    if (!stats.isDirectory()) break
    layers.push(layer)
    if (layer.opaque.includes(relative)) break
  }
  return first === undefined ? undefined : { ...first, layers }
}

function entryOf({ path, place }: Found): MergedEntry | undefined {
  return place === undefined ? undefined : { path, stats: place.stats, hostPath: place.hostPath }
}

function namesOf(path: string): readonly string[] {
  return path.split('/').filter(name => name !== '')
}

function isWhiteout(stats: Stats): boolean {
  return stats.isCharacterDevice() && stats.rdev === 0
}

function tooLarge(path: string, size: number, maxBytes: number): Error {
  return failure({
    code: 'FILE_TOO_LARGE',
    kind: 'invalidArgument',
    summary: `"${path}" has ${size} bytes, at most ${maxBytes} are read`,
  })
}
