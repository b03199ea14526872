import { type BigIntStats, type FSWatcher, watch } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { errnoOf, failure } from '../../diagnostics/index.ts'

/** Something in a tree that is there, or is there no more; the tree's own root is the path ''. */
export interface TreeChange {
  /** Relative to the root. */
  readonly path: string
  readonly change: 'put' | 'removed'
}

/** Which part of a tree is looked at; paths are relative to its root. */
export interface TreeFilter {
  takes(path: string): boolean
  /** Whether nothing beneath a folder is of interest. */
  prunes(folder: string): boolean
}

interface Entry {
  readonly isFolder: boolean
  readonly inode: bigint
  /** Differs when the entry does. */
  readonly mark: string
}

interface Folder {
  readonly watcher: FSWatcher | undefined
  readonly entries: Map<string, Entry>
}

type Folders = Map<string, Folder>

/** Names of one folder that are looked at one by one; of more the whole folder is read. */
const FEW = 32
/** Hints between two looks after which the kernel may have lost some: it keeps 16,384, and Node does not tell. */
const MANY = 4_096

/**
 * A folder with all that is in it, or a file, or what may become one of them. The kernel's events are hints where to look; what
 * has changed is found by comparing with what was there before, so that an event that is lost, doubled or late does no harm, and
 * folders that come and go fast are seen whole. One inotify watch a folder.
 */
export class WatchedTree {
  readonly #root: string
  readonly #filter: TreeFilter
  readonly #onHint: () => void
  #folders: Folders = new Map()
  /** The root itself, undefined while it is not there. */
  #top: Entry | undefined
  #above: FSWatcher | undefined
  #hints = new Map<string, Set<string>>()
  #hinted = 0
  #isTopHinted = false
  #isClosed = false

  constructor(root: string, filter: TreeFilter, onHint: () => void) {
    this.#root = root
    this.#filter = filter
    this.#onHint = onHint
  }

  /** Takes what is there for known. Errors: WATCH_LIMIT. */
  async open(): Promise<void> {
    await this.#lookAtTop([])
  }

  /** All files, and links, that there are, with their times of change (milliseconds since 1970). */
  files(): readonly string[] {
    if (this.#top === undefined) return []
    if (!this.#top.isFolder) return ['']
    return [...this.#folders].flatMap(([folder, { entries }]) =>
      [...entries]
        .filter(([, { isFolder }]) => !isFolder)
        .map(([name]) => (folder === '' ? name : `${folder}/${name}`))
        .filter(path => this.#filter.takes(path)),
    )
  }

  /** What has changed since the last look. Errors: WATCH_LIMIT. */
  async changes(): Promise<readonly TreeChange[]> {
    const out: TreeChange[] = []
    const hints = this.#hints
    const isOverrun = this.#hinted > MANY
    const isTopHinted = this.#isTopHinted
    this.#hints = new Map()
    this.#hinted = 0
    this.#isTopHinted = false
    if (isTopHinted || isOverrun) await this.#lookAtTop(out)
    const folders = isOverrun ? [...this.#folders.keys()] : [...hints.keys()]
    for (const folder of folders.sort()) {
      const names = hints.get(folder)
      if (!isOverrun && names !== undefined && names.size <= FEW && !names.has(''))
        for (const name of names) await this.#lookAt(folder, name, out)
      else await this.#scan(folder, this.#folders, out)
    }
    return out.filter(({ path }) => path === '' || this.#filter.takes(path))
  }

  close(): void {
    this.#isClosed = true
    this.#above?.close()
    for (const { watcher } of this.#folders.values()) watcher?.close()
    this.#folders.clear()
  }

  /** The root may come, go, or be another one: it is looked for from the nearest folder above it that is there. */
  async #lookAtTop(out: TreeChange[]): Promise<void> {
    this.#watchAbove()
    const before = this.#top
    const now = await entryOf(this.#root)
    this.#top = now
    if (now?.inode !== before?.inode || now?.isFolder !== before?.isFolder) {
      const old = this.#folders
      this.#folders = new Map()
      for (const { watcher } of old.values()) watcher?.close()
      if (now === undefined && before !== undefined) {
        // What else is in its target stays.
        const names = before.isFolder ? [...(old.get('')?.entries.keys() ?? [])] : ['']
        out.push(...names.map(path => ({ path, change: 'removed' as const })))
      }
      if (now?.isFolder === true) await this.#scan('', old, out)
    }
    if (now !== undefined && !now.isFolder && now.mark !== before?.mark) out.push({ path: '', change: 'put' })
  }

  #watchAbove(): void {
    this.#above?.close()
    this.#above = undefined
    for (let name = this.#root; this.#above === undefined && name !== dirname(name); name = dirname(name)) {
      const wanted = basename(name)
      this.#above = this.#watch(dirname(name), changed => {
        if (changed !== null && changed !== wanted) return
        this.#isTopHinted = true
        this.#hint()
      })
    }
  }

  /** One name of a folder, which may be anything now. */
  async #lookAt(folder: string, name: string, out: TreeChange[]): Promise<void> {
    const known = this.#folders.get(folder)
    if (known === undefined) return
    const now = await entryOf(join(this.#root, folder, name))
    await this.#compare(folder, name, now, this.#folders, known.entries, out)
  }

  /**
   * A whole folder, and those below it that are new. `old` is what was known of the tree; where that is no longer what is watched,
   * since the folder is another one under the same name, all is compared anew.
   */
  async #scan(folder: string, old: Folders, out: TreeChange[]): Promise<void> {
    const path = join(this.#root, folder)
    const before = old.get(folder)?.entries ?? new Map<string, Entry>()
    let known = this.#folders.get(folder)
    if (known === undefined) {
      // First the watch, then the look: nothing can come between.
      const watcher = this.#watch(path, name => this.#hintAt(folder, name))
      if (watcher === undefined) return
      known = { watcher, entries: new Map(before) }
      this.#folders.set(folder, known)
    }
    const names = await namesIn(path)
    for (const name of before.keys())
      if (!names.has(name)) await this.#compare(folder, name, undefined, old, known.entries, out)
    for (const name of names)
      await this.#compare(folder, name, await entryOf(join(path, name)), old, known.entries, out)
  }

  async #compare(
    folder: string,
    name: string,
    now: Entry | undefined,
    old: Folders,
    entries: Map<string, Entry>,
    out: TreeChange[],
  ): Promise<void> {
    const path = folder === '' ? name : `${folder}/${name}`
    const before = entries.get(name)
    if (now === undefined) entries.delete(name)
    else entries.set(name, now)
    if (before !== undefined && before.isFolder !== now?.isFolder) {
      const below = old === this.#folders ? this.#forget(path) : old
      if (this.#filter.takes(path)) out.push({ path, change: 'removed' })
      else out.push(...filesBelow(path, below).map(file => ({ path: file, change: 'removed' as const })))
    }
    if (now === undefined) return
    if (before?.mark !== now.mark) out.push({ path, change: 'put' })
    if (!now.isFolder || this.#filter.prunes(path)) return
    const isOther = before?.inode !== now.inode
    const below = isOther && before !== undefined && old === this.#folders ? this.#forget(path) : old
    if (isOther || !this.#folders.has(path)) await this.#scan(path, below, out)
  }

  /** Stops watching a folder and what is below it; what was known of them. */
  #forget(path: string): Folders {
    const forgotten: Folders = new Map()
    for (const [name, folder] of this.#folders) {
      if (name !== path && !name.startsWith(`${path}/`)) continue
      folder.watcher?.close()
      this.#folders.delete(name)
      forgotten.set(name, folder)
    }
    return forgotten
  }

  /** Undefined where there is no such folder, or none that may be read. Errors: WATCH_LIMIT. */
  #watch(path: string, onChange: (name: string | null) => void): FSWatcher | undefined {
    if (this.#isClosed) return undefined
    try {
      const watcher = watch(path, (_type, name) => onChange(name))
      // The folder has gone, which the one above it tells, too.
      watcher.on('error', () => onChange(null))
      return watcher
    } catch (error) {
      const errno = errnoOf(error)
      if (errno === 'ENOENT' || errno === 'ENOTDIR' || errno === 'EACCES' || errno === 'ELOOP')
        return undefined
      if (errno !== 'ENOSPC' && errno !== 'EMFILE') throw error
      throw failure({
        code: 'WATCH_LIMIT',
        kind: 'unavailable',
        summary: `the kernel lets this user watch no more folders: ${path}`,
        hint: 'ignore what need not be watched, or raise the sysctls fs.inotify.max_user_watches and max_user_instances',
        cause: error,
      })
    }
  }

  #hintAt(folder: string, name: string | null): void {
    const names = this.#hints.get(folder) ?? new Set()
    names.add(name ?? '')
    this.#hints.set(folder, names)
    this.#hint()
  }

  #hint(): void {
    this.#hinted += 1
    this.#onHint()
  }
}

function filesBelow(path: string, folders: Folders): readonly string[] {
  return [...folders]
    .filter(([name]) => name === path || name.startsWith(`${path}/`))
    .flatMap(([name, { entries }]) =>
      [...entries].filter(([, { isFolder }]) => !isFolder).map(([file]) => `${name}/${file}`),
    )
}

/** Undefined for what is not there, or is neither file, folder nor link. */
async function entryOf(path: string): Promise<Entry | undefined> {
  let stats: BigIntStats
  try {
    stats = await lstat(path, { bigint: true })
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
  const { ino, mode, size, mtimeNs, ctimeNs } = stats
  // What is in a folder tells its times, and is looked at by itself.
  if (stats.isDirectory()) return { isFolder: true, inode: ino, mark: `folder ${mode}` }
  if (!stats.isFile() && !stats.isSymbolicLink()) return undefined
  return { isFolder: false, inode: ino, mark: `${ino} ${mode} ${size} ${mtimeNs} ${ctimeNs}` }
}

async function namesIn(folder: string): Promise<ReadonlySet<string>> {
  try {
    return new Set(await readdir(folder))
  } catch (error) {
    if (isGone(error)) return new Set()
    throw error
  }
}

function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EACCES'].includes(errnoOf(error) ?? '')
}
