import type { TarEntry } from '../../tar/index.ts'

/** A file of a layer that is being unpacked. */
export interface PlacedFile {
  /** Counted from 0 over all files of the layer. */
  readonly number: number
  /** Where it lies in the layer's folder, through no symbolic link; raw bytes as latin1 text. */
  readonly path: string
  /** The entry that made it, without attributes and content. */
  readonly entry: TarEntry
}

/** What has a name: a file, what a symbolic link leads to, or anything else. */
type Named = PlacedFile | string | typeof FOLDER | typeof OTHER
const FOLDER = Symbol('folder')
const OTHER = Symbol('other')
/** As the kernel has it. */
const MAX_LINKS = 40
const NO_XATTRS: TarEntry['xattrs'] = new Map()

/**
 * The names of a layer while its entries become files: which entry has which, also through symbolic links that the layer
 * itself has made, and which file loses its last name to a later entry. It mirrors what the operation `unpack` does.
 */
export class LayerNames {
  readonly #folders = new Map<string, Map<string, Named>>([['', new Map()]])
  #files = 0
  #links = 0

  /** Gives a name to an entry; `lost` are the files that have none any more in the layer's folder. */
  place(entry: TarEntry): {
    readonly path: string
    readonly number: number
    readonly lost: readonly PlacedFile[]
  } {
    const path = this.resolve(entry.name)
    const before = this.#find(path)
    const stays = entry.type === 'folder' && before === FOLDER
    const lost = stays || before === undefined ? [] : this.#takeAway(path)
    const number = this.#files
    this.#put(path, this.#named(entry, path))
    return { path, number, lost }
  }

  /** What the layer has at a resolved path by now; its own whiteout is something, too. */
  kindOf(path: string): 'folder' | 'other' | undefined {
    const named = this.#find(path)
    if (named === undefined) return undefined
    return named === FOLDER ? 'folder' : 'other'
  }

  /** The path with the links of this layer resolved in the folders that lead to it, beneath the layer's top. */
  resolve(name: string): string {
    if (this.#links === 0) return name
    const left = name.split('/').reverse()
    const path: string[] = []
    for (let followed = 0; left.length > 0; ) {
      const part = left.pop() ?? ''
      if (part === '' || part === '.') continue
      if (part === '..') {
        path.pop()
        continue
      }
      const named = left.length === 0 ? undefined : this.#find([...path, part].join('/'))
      if (typeof named !== 'string' || followed >= MAX_LINKS) {
        path.push(part)
        continue
      }
      followed += 1
      if (named.startsWith('/')) path.length = 0
      left.push(...named.split('/').reverse())
    }
    return path.join('/')
  }

  #named(entry: TarEntry, path: string): Named {
    switch (entry.type) {
      case 'folder':
        return FOLDER
      case 'file':
        this.#files += 1
        return { number: this.#files - 1, path, entry: { ...entry, xattrs: NO_XATTRS } }
      case 'symlink':
        this.#links += 1
        return entry.linkName
      case 'link': {
        const target = this.#find(this.resolve(entry.linkName))
        return typeof target === 'string' ? target : OTHER
      }
      default:
        return OTHER
    }
  }

  #find(path: string): Named | undefined {
    const [folder, name] = split(path)
    return this.#folders.get(folder)?.get(name)
  }

  #put(path: string, named: Named): void {
    const [folder, name] = split(path)
    let names = this.#folders.get(folder)
    if (names === undefined) {
      names = new Map()
      this.#folders.set(folder, names)
      this.#put(folder, FOLDER)
    }
    names.set(name, named)
  }

  /** The files at a path and below it, which are there no longer. */
  #takeAway(path: string): readonly PlacedFile[] {
    const [folder, name] = split(path)
    const named = this.#find(path)
    this.#folders.get(folder)?.delete(name)
    if (named !== FOLDER) return isFile(named) ? [named] : []
    const lost: PlacedFile[] = []
    const left = [path]
    for (let each = left.pop(); each !== undefined; each = left.pop()) {
      for (const [below, what] of this.#folders.get(each) ?? []) {
        if (isFile(what)) lost.push(what)
        if (what === FOLDER) left.push(`${each}/${below}`)
      }
      this.#folders.delete(each)
    }
    return lost
  }
}

function isFile(named: Named | undefined): named is PlacedFile {
  return typeof named === 'object'
}

function split(path: string): readonly [folder: string, name: string] {
  const slash = path.lastIndexOf('/')
  return [path.slice(0, Math.max(slash, 0)), path.slice(slash + 1)]
}
