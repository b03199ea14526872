import { type FSWatcher, lstatSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import { errnoOf, messageOf } from '../../diagnostics/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { tellMended } from './mended.ts'
import { repairAlone } from './repair.ts'

/** Milliseconds that a folder is left alone in once something has changed there: others may write into it without an end. */
const REST = 250
/** How often it is looked whether a container has another file than it should. */
const TRIES = 4

/** Events behind which a container has other mounts, or none. */
const STARTS_AND_ENDS: readonly string[] = ['start', 'die', 'restart']

type Context = Pick<EngineContext, 'containers' | 'events' | 'closing'>

/** What a follower takes of the world: a test has its own. */
interface FollowedWorld {
  /** Binds what is at the source of a mount of a container by now; whether it was another. */
  readonly bindAnew: (container: Container, target: string) => Promise<boolean>
  readonly warn: (summary: string) => void
}

/**
 * Has containers that run see what is at the place of a file that they have bound by itself: an editor that saves writes another file and gives it the
 * name, and a bind is of the file, not of its name. Until an engine hears of it, they have the one of before.
 */
export class FollowedFiles {
  readonly #engine: Context
  readonly #world: FollowedWorld
  readonly #folders = new Map<string, FSWatcher | NodeJS.Timeout>()
  /** Which file each source was when it was last looked at. */
  readonly #known = new Map<string, string>()

  constructor(engine: Context, world: FollowedWorld) {
    this.#engine = engine
    this.#world = world
  }

  /** Follows from now on, until the engine ends. */
  begin(): void {
    const stop = this.#engine.events.subscribe(({ Type, Action, Actor }) => {
      if (Type === 'container' && STARTS_AND_ENDS.includes(Action) && this.#hasBinds(Actor.ID)) this.#renew()
    })
    this.#engine.closing.addEventListener('abort', () => this.#end(stop), { once: true })
    this.#renew()
  }

  #end(stop: () => void): void {
    stop()
    for (const folder of [...this.#folders.keys()]) this.#drop(folder)
  }

  /** Whether a container, which may have gone, has anything that could be such a file: of all others it is not gone through all containers. */
  #hasBinds(id: string): boolean {
    const container = this.#engine.containers.find(id)
    return container === undefined || container.record.mounts.some(({ type }) => type === 'bind')
  }

  /** Sources that are files by themselves, with who has them. */
  #sources(): Map<string, { container: Container; target: string }[]> {
    const all = new Map<string, { container: Container; target: string }[]>()
    for (const container of this.#engine.containers.values())
      for (const { type, source, destination } of container.running ? container.record.mounts : [])
        if (type === 'bind' && (this.#known.has(source) || fileAt(source) !== undefined))
          all.set(source, [...(all.get(source) ?? []), { container, target: destination }])
    return all
  }

  #renew(): void {
    const sources = [...this.#sources().keys()]
    const folders = new Set(sources.map(source => dirname(source)))
    for (const source of sources) if (!this.#known.has(source)) this.#known.set(source, fileAt(source) ?? '')
    for (const source of this.#known.keys()) if (!sources.includes(source)) this.#known.delete(source)
    for (const folder of [...this.#folders.keys()]) if (!folders.has(folder)) this.#drop(folder)
    for (const folder of folders) if (!this.#folders.has(folder)) this.#watch(folder)
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#rest(folder))
      watcher.on('error', () => this.#rest(folder))
      this.#folders.set(folder, watcher)
    } catch (error) {
      // No room for another one: `up` sees what this does not.
      if (!['ENOENT', 'ENOTDIR', 'ENOSPC', 'EMFILE'].includes(errnoOf(error) ?? '')) throw error
    }
  }

  /** Looks once it is quiet, or a moment has passed; and watches again before that, so that nothing is missed. */
  #rest(folder: string): void {
    this.#drop(folder)
    const timer = setTimeout(() => {
      this.#folders.delete(folder)
      this.#watch(folder)
      this.#look(folder)
    }, REST)
    timer.unref()
    this.#folders.set(folder, timer)
  }

  #look(folder: string): void {
    for (const [source, users] of this.#sources()) {
      if (dirname(source) !== folder) continue
      const now = fileAt(source)
      // One that has gone may come again.
      if (now === undefined || this.#known.get(source) === now) continue
      this.#known.set(source, now)
      for (const { container, target } of users) void this.#bind(container, target, TRIES)
    }
  }

  /** A look that fails, as something around it has just ended, finds nothing. */
  async #bind(container: Container, target: string, tries: number): Promise<void> {
    try {
      if ((await this.#world.bindAnew(container, target)) || tries === 1) return
    } catch (error) {
      this.#world.warn(`${container.name} has not the new ${target}: ${messageOf(error)}`)
      return
    }
    setTimeout(() => void this.#bind(container, target, tries - 1), REST).unref()
  }

  #drop(folder: string): void {
    const each = this.#folders.get(folder)
    this.#folders.delete(folder)
    if (each === undefined) return
    if ('close' in each && 'on' in each) each.close()
    else clearTimeout(each as NodeJS.Timeout)
  }
}

/** Follows what an engine's containers have bound. */
export function followFiles(engine: EngineContext): void {
  new FollowedFiles(engine, {
    bindAnew: async (container, target) => {
      const mended = await repairAlone(engine, container, [`mount.${target}`])
      tellMended(engine, container, mended)
      return mended.length > 0
    },
    warn: summary => engine.warn({ severity: 'warning', code: 'FILE_NOT_FOLLOWED', summary }),
  }).begin()
}

/** Which file is at a path; undefined where none is, or a folder, or a link, which somebody else may lead anywhere. */
function fileAt(path: string): string | undefined {
  try {
    const found = lstatSync(path, { bigint: true })
    return found.isFile() ? `${found.dev}:${found.ino}` : undefined
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}
