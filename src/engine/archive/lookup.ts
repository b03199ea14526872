import { closeSync, constants, fstatSync, openSync, readlinkSync, type Stats } from 'node:fs'
import { posix } from 'node:path'
import { errnoOf, failure } from '../../diagnostics/index.ts'

/** open(2) flag that Node has no name for: only a reference to the object, nothing is read or waited for. */
const O_PATH = 0o10000000
const MOST_LINKS = 40

/** What lies at a path of a root. */
export interface Found {
  readonly stats: Stats
  /** Target of a symbolic link, as it is written. */
  readonly linkTarget: string
  /** The path with all links on the way resolved. */
  readonly path: string
}

/** One open directory in each layer that has it, top first. */
type Folder = readonly number[]

/**
 * Looks up a path in a root made of layers, top first, without leaving it: every step opens one name in an open folder
 * and follows no link, links are resolved here against the root. So a container that swaps folders for links meanwhile
 * cannot lead us to the host's files. `follow`: a link at the end too.
 */
export function lookUp(layers: readonly string[], path: string, follow: boolean): Found | undefined {
  return new Lookup(layers).find(path, follow)
}

class Lookup {
  readonly #root: Folder
  readonly #opened: number[] = []

  constructor(layers: readonly string[]) {
    this.#root = layers.map(layer => this.#keep(openSync(layer, O_PATH | constants.O_DIRECTORY)))
  }

  find(path: string, follow: boolean): Found | undefined {
    try {
      return this.#walk(path, follow)
    } finally {
      for (const fd of this.#opened) closeSync(fd)
    }
  }

  #walk(path: string, follow: boolean): Found | undefined {
    const stack: { folder: Folder; name: string }[] = []
    let rest = split(path)
    let links = 0
    for (;;) {
      const name = rest.shift()
      const here = stack.at(-1)?.folder ?? this.#root
      if (name === undefined) return { stats: statsOf(here), linkTarget: '', path: nameOf(stack) }
      if (name === '..') {
        stack.pop()
        continue
      }
      const entry = this.#entry(here, name)
      if (entry === undefined) return undefined
      if ('folder' in entry) {
        stack.push({ folder: entry.folder, name })
        continue
      }
      const isLast = rest.length === 0
      if (!entry.stats.isSymbolicLink() || (isLast && !follow)) {
        return isLast ? { ...entry, path: posix.join(nameOf(stack), name) } : undefined
      }
      links += 1
      if (links > MOST_LINKS) throw loop(path)
      if (entry.linkTarget.startsWith('/')) stack.length = 0
      rest = [...split(entry.linkTarget), ...rest]
    }
  }

  /** What overlayfs shows of a name: the topmost layer's, folders of several layers as one, whiteouts as nothing. */
  #entry(
    here: Folder,
    name: string,
  ): { readonly folder: Folder } | { readonly stats: Stats; readonly linkTarget: string } | undefined {
    const folders: number[] = []
    for (const fd of here) {
      const opened = this.#open(fd, name)
      if (opened === undefined) continue
      const stats = fstatSync(opened)
      if (stats.isDirectory()) {
        folders.push(opened)
        continue
      }
      const isWhiteout = stats.isCharacterDevice() && stats.rdev === 0
      if (folders.length > 0 || isWhiteout) break
      return { stats, linkTarget: stats.isSymbolicLink() ? readlinkSync(`/proc/self/fd/${fd}/${name}`) : '' }
    }
    return folders.length > 0 ? { folder: folders } : undefined
  }

  #open(folder: number, name: string): number | undefined {
    try {
      return this.#keep(openSync(`/proc/self/fd/${folder}/${name}`, O_PATH | constants.O_NOFOLLOW))
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined
      throw error
    }
  }

  #keep(fd: number): number {
    this.#opened.push(fd)
    return fd
  }
}

function split(path: string): string[] {
  return path.split('/').filter(part => part !== '' && part !== '.')
}

function nameOf(stack: readonly { readonly name: string }[]): string {
  return `/${stack.map(each => each.name).join('/')}`
}

function statsOf(folder: Folder): Stats {
  const [top] = folder
  if (top === undefined)
    throw failure({ code: 'ROOT_EMPTY', summary: 'a root without layers was looked into' })
  return fstatSync(top)
}

function loop(path: string): Error {
  return failure({
    code: 'PATH_LOOP',
    kind: 'invalidArgument',
    summary: `path "${path}" leads through too many symbolic links`,
  })
}
