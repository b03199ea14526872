import type { KernelStir, MendedThing } from '../../api/types/index.ts'
import type { RulesConnection } from '../../native/index.ts'
import type { EngineContext, KernelWatch, Stir } from '../state/context.ts'
import { FolderWatch } from './folder-watch.ts'
import { watchedFolders } from './watched-folders.ts'

/** Milliseconds that changes are gathered for, and at least between two looks: a restart of something is hundreds of them. */
const GATHER = 50
const SPACING = 250
/** What the kernel tells nobody of is looked at so often: mounts, sysctls, names, limits, rights, processes. */
const INTERVAL = 5_000

type WatchContext = Pick<EngineContext, 'native' | 'containers' | 'networks' | 'host' | 'paths' | 'warn'>

/** Hears of what changes in the kernel by netlink, of nf_tables and by inotify, for as long as somebody follows. */
export class KernelEvents implements KernelWatch {
  readonly #engine: WatchContext
  readonly #followers = new Map<Follower, string>()
  #connection: Promise<RulesConnection> | undefined

  constructor(engine: WatchContext) {
    this.#engine = engine
  }

  async *follow(project: string, signal: AbortSignal): AsyncGenerator<KernelStir, void, undefined> {
    const follower = new Follower(() => watchedFolders(this.#engine, project))
    const end = (): void => follower.end()
    signal.addEventListener('abort', end, { once: true })
    this.#followers.set(follower, project)
    try {
      while (!signal.aborted) {
        await this.#listen()
        const stir = await follower.next()
        if (stir === undefined) return
        yield stir
      }
    } finally {
      signal.removeEventListener('abort', end)
      follower.end()
      this.#followers.delete(follower)
      if (this.#followers.size === 0) await this.#hangUp()
    }
  }

  mended(project: string, thing: MendedThing): void {
    for (const [follower, of] of this.#followers) if (of === project) follower.mended(thing)
  }

  /** A connection that was lost is opened again before whoever follows waits. */
  async #listen(): Promise<void> {
    if (this.#connection !== undefined && (await this.#connection).isOpen) return
    this.#connection = this.#open()
    try {
      await this.#connection
    } catch (error) {
      this.#connection = undefined
      throw error
    }
  }

  async #open(): Promise<RulesConnection> {
    const connection = await this.#engine.native.openRules(() => undefined)
    await connection.watch(() => {
      for (const follower of this.#followers.keys()) follower.stir('network')
    })
    return connection
  }

  async #hangUp(): Promise<void> {
    const connection = this.#connection
    this.#connection = undefined
    const open = await connection
    open?.close()
  }
}

/** One who waits for changes of a project. */
class Follower {
  readonly #folders: FolderWatch
  readonly #timer: NodeJS.Timeout
  #stir: Stir | undefined = 'time'
  #mended: MendedThing[] = []
  #isOver = false
  #wake: () => void = () => undefined
  #last = Number.NEGATIVE_INFINITY

  constructor(folders: () => ReturnType<typeof watchedFolders>) {
    this.#folders = new FolderWatch(folders, () => this.stir('files'))
    this.#timer = setInterval(() => this.stir('time'), INTERVAL)
    this.#timer.unref()
  }

  stir(what: Stir): void {
    this.#stir ??= what
    this.#wake()
  }

  mended(thing: MendedThing): void {
    this.#mended.push(thing)
    this.stir('repair')
  }

  /** The next change that was not given yet, with all that comes with it; undefined once it has ended. */
  async next(): Promise<KernelStir | undefined> {
    this.#folders.renew()
    while (!this.#isOver) {
      const rest = this.#last + SPACING - performance.now()
      if (this.#stir !== undefined) await pause(Math.max(GATHER, rest))
      const stir = this.#stir
      if (stir !== undefined && !this.#isOver) {
        const mended = this.#mended
        this.#stir = undefined
        this.#mended = []
        this.#last = performance.now()
        return { Of: stir, ...(mended.length === 0 ? {} : { Mended: mended }) }
      }
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
    return undefined
  }

  end(): void {
    this.#isOver = true
    clearInterval(this.#timer)
    this.#folders.close()
    this.#wake()
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, milliseconds)
  })
}
