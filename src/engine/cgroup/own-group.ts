import { setTimeout as sleep } from 'node:timers/promises'
import { errnoOf } from '../../diagnostics/index.ts'
import { type CgroupFilesystem, readOptional } from './filesystem.ts'
import type { CgroupLayout } from './layout.ts'

/** Folder of the engine's own group, beside those of its containers, whose names are ids. */
export const OWN_GROUP = 'engine'

/** How often a step is tried again when another engine, or the removal of the last container, took a folder away. */
const ATTEMPTS = 5
/** How long monitors that are just ending may keep the group busy when the engine leaves. */
const LEAVE_MS = 500

/** One hierarchy by which service managers tell whose process it is. */
interface Place {
  readonly mountpoint: string
  /** All groups of this engine. */
  readonly parent: string
  readonly group: string
  /** Where the process was before; nothing when that lies outside our view. */
  readonly before: string | undefined
}

/**
 * The group of the engine itself and of the monitors that it starts. Without it they would stay in the group of the
 * session or service that started the engine, and end with it (systemd's KillMode=control-group, a logout). Controllers
 * of v1 are left alone: nobody kills by them.
 */
export class OwnGroup {
  readonly #layout: CgroupLayout
  readonly #name: string
  readonly #files: CgroupFilesystem
  #entering: Promise<readonly string[]> | undefined
  #entered: readonly Place[] = []

  constructor(layout: CgroupLayout, name: string, files: CgroupFilesystem) {
    this.#layout = layout
    this.#name = name
    this.#files = files
  }

  /**
   * Moves this process into the group, once, on another thread: the kernel may take 20 ms for it. Then `spawner` (a pid), which was
   * born outside; one that is started from then on is born inside. Resolves to what was refused, in words; a machine where
   * no group can be written leaves us where we are.
   */
  enter(spawner: () => Promise<number | undefined>): Promise<readonly string[]> {
    this.#entering ??= this.#enter(spawner)
    return this.#entering
  }

  /** Leaves the group and removes it, and its parent in every hierarchy where no container's group is in there. Never fails. */
  async leave(): Promise<void> {
    await this.#entering
    await Promise.all(this.#entered.map(place => this.#leave(place)))
    this.#entered = []
    for (const { mountpoint } of this.#layout.v1) this.#remove([`${mountpoint}/${this.#name}`])
  }

  async #enter(spawner: () => Promise<number | undefined>): Promise<readonly string[]> {
    const places = this.#places()
    const refused = await Promise.all(places.map(place => this.#move(place)))
    this.#entered = places.filter((_, index) => refused[index] === undefined)
    await this.#take(spawner)
    return places.flatMap(({ group }, index) =>
      refused[index] === undefined ? [] : [`${group} cannot be entered (${refused[index]})`],
    )
  }

  #places(): Place[] {
    const own = readOptional(this.#files, '/proc/self/cgroup') ?? ''
    const place = (mountpoint: string, hierarchy: string): Place => {
      const parent = `${mountpoint}/${this.#name}`
      const before = pathIn(own, hierarchy)
      return {
        mountpoint,
        parent,
        group: `${parent}/${OWN_GROUP}`,
        before: before === undefined ? undefined : `${mountpoint}${before === '/' ? '' : before}`,
      }
    }
    const named = this.#layout.v1.flatMap(({ controllers: [first = ''], mountpoint }) =>
      first.startsWith('name=') ? [place(mountpoint, first)] : [],
    )
    return this.#layout.unified === undefined ? named : [...named, place(this.#layout.unified, '')]
  }

  /** One that has ended meanwhile needs no place, and one that cannot be started tells whoever asks something of it. */
  async #take(spawner: () => Promise<number | undefined>): Promise<void> {
    const pid = await spawner().catch(() => undefined)
    if (pid === undefined) return
    await Promise.all(
      this.#entered.map(({ group }) => this.#files.writeAside(`${group}/cgroup.procs`, String(pid))),
    )
  }

  /** The errno of a refusal. */
  async #move({ parent, group }: Place): Promise<string | undefined> {
    let refused: string | undefined
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      refused = this.#attempt(() => {
        this.#files.mkdir(parent)
        this.#files.mkdir(group)
      })
      refused ??= await this.#files.writeAside(`${group}/cgroup.procs`, String(process.pid))
      if (refused !== 'ENOENT') break
    }
    if (refused !== undefined) this.#remove([group, parent])
    return refused
  }

  /** The root of a hierarchy takes processes; that of a container we run in may not, but where we were does. */
  async #leave({ mountpoint, parent, group, before }: Place): Promise<void> {
    for (const folder of [mountpoint, before]) {
      const file = folder === undefined ? undefined : `${folder}/cgroup.procs`
      if (file !== undefined && (await this.#files.writeAside(file, String(process.pid))) === undefined) break
    }
    const end = performance.now() + LEAVE_MS
    while (this.#remove([group, parent]) === 'EBUSY' && performance.now() < end) await sleep(10)
  }

  /** Removes folders as far as they are empty; the errno where that ended. */
  #remove(folders: readonly string[]): string | undefined {
    return this.#attempt(() => {
      for (const folder of folders) this.#files.rmdir(folder)
    })
  }

  #attempt(step: () => void): string | undefined {
    try {
      step()
      return undefined
    } catch (error) {
      const errno = errnoOf(error)
      if (errno === undefined) throw error
      return errno
    }
  }
}

/** Our path in a hierarchy, from the text of /proc/self/cgroup. */
function pathIn(text: string, hierarchy: string): string | undefined {
  const line = text.split('\n').find(each => each.split(':')[1] === hierarchy)
  const path = line?.split(':').slice(2).join(':')
  return path?.includes('..') ? undefined : path
}
