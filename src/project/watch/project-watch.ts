import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { errnoOf, Failure } from '../../diagnostics/index.ts'
import type { ConnectedProject } from '../connected-project.ts'
import { watchContainerEvents } from '../container-events.ts'
import { serviceOf } from '../containers.ts'
import { connectEngine } from '../engine.ts'
import { environmentOf } from '../target.ts'
import { type Copy, differing } from './copy.ts'
import { watchExclusively } from './exclusive-watch.ts'
import { type HeavyOptions, HeavyWork } from './heavy-work.ts'
import { Replicas, unlessGone } from './replicas.ts'
import { type Rule, watchRules } from './rules.ts'
import { type TreeChange, WatchedTree } from './tree.ts'

/** How a project is watched. */
export interface ProjectWatchOptions extends HeavyOptions {
  /** Empty: all that have rules. */
  readonly services: readonly string[]
}

/** Milliseconds without a change after which what has changed is copied, and after which it is copied all the same. */
const QUIET = 4
const LONGEST = 80
/** Milliseconds until a file that changed while it was sent is sent again, or a dead engine is asked again. */
const AGAIN = 100

/**
 * Watches until the signal aborts. What changed while nobody watched is caught up with first, by content, and the same for each
 * container that comes later. What goes wrong is told and ends nothing. Errors: WATCH_NO_RULES, WATCH_NO_BUILD, WATCH_RUNNING,
 * WATCH_LIMIT.
 */
export async function watchProject(connected: ConnectedProject, options: ProjectWatchOptions): Promise<void> {
  const { project, target } = connected
  const rules = await watchRules(project, options.services, diagnostics =>
    options.onEvent({ type: 'problem', diagnostics }),
  )
  const release = await watchExclusively(environmentOf(target), project.name)
  const watching = new ProjectWatch(connected, rules, options)
  try {
    await watching.run()
  } finally {
    watching.close()
    release()
  }
}

class ProjectWatch {
  readonly #connected: ConnectedProject
  readonly #options: ProjectWatchOptions
  readonly #trees: readonly { readonly rule: Rule; readonly tree: WatchedTree }[]
  readonly #services: ReadonlySet<string>
  readonly #replicas: Replicas
  readonly #heavy: HeavyWork
  /** Containers that are caught up with, and those that are to be. */
  readonly #known = new Set<string>()
  readonly #newcomers = new Map<string, string>()
  readonly #restarted = new Set<string>()
  /** Files here that are newer than some image: a next container may lack them, though its image is newer still. */
  readonly #newer = new Set<string>()
  /** Changes that could not be brought to the containers yet. */
  #left: { readonly rule: Rule; readonly changes: readonly TreeChange[] }[] = []
  #hints = 0
  #wake: () => void = () => undefined

  constructor(connected: ConnectedProject, rules: readonly Rule[], options: ProjectWatchOptions) {
    this.#connected = connected
    this.#options = options
    this.#trees = rules.map(rule => ({
      rule,
      tree: new WatchedTree(rule.root, rule.filter, () => this.#hint()),
    }))
    this.#services = new Set(rules.map(({ service }) => service))
    this.#replicas = new Replicas(connected.docker, connected.project.name)
    this.#heavy = new HeavyWork(connected, this.#replicas, options)
    options.signal.addEventListener('abort', () => this.#hint(), { once: true })
  }

  async run(): Promise<void> {
    const { signal, onEvent } = this.#options
    for (const { tree } of this.#trees) await tree.open()
    await this.#listen()
    await this.#findNewcomers()
    onEvent({ type: 'watching', services: [...this.#services] })
    while (!signal.aborted) {
      if (this.#hints === 0) await this.#hinted()
      await this.#settled()
      if (!signal.aborted) await this.#round()
    }
    await this.#heavy.ended()
  }

  close(): void {
    for (const { tree } of this.#trees) tree.close()
  }

  #hint(): void {
    this.#hints += 1
    this.#wake()
  }

  #hinted(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve
    })
  }

  async #settled(): Promise<void> {
    const end = performance.now() + LONGEST
    for (let before = 0; before !== this.#hints && performance.now() < end; ) {
      before = this.#hints
      await setTimeout(QUIET)
    }
    this.#hints = 0
  }

  async #round(): Promise<void> {
    const found = this.#left.splice(0)
    for (const { rule, tree } of this.#trees) {
      const changes = await tree.changes()
      if (changes.length > 0) found.push({ rule, changes })
    }
    for (const service of new Set(found.map(({ rule }) => rule.service))) {
      const own = found.filter(({ rule }) => rule.service === service)
      if (await this.#try(() => this.#copy(service, own))) for (const { rule } of own) this.#act(rule)
      else this.#left.push(...own)
    }
    for (const id of this.#restarted) {
      this.#restarted.delete(id)
      if (!(await this.#try(() => this.#replicas.catchUp(id)))) this.#restarted.add(id)
    }
    for (const [id, service] of this.#newcomers) {
      this.#newcomers.delete(id)
      if (!(await this.#try(() => this.#catchUp(id, service)))) this.#newcomers.set(id, service)
    }
  }

  async #copy(
    service: string,
    found: readonly { readonly rule: Rule; readonly changes: readonly TreeChange[] }[],
  ): Promise<void> {
    const puts = new Map<string, Copy>()
    const removed = new Set<string>()
    for (const { rule, changes } of found)
      for (const { path, change } of rule.target === undefined ? [] : changes) {
        const copy = copyOf(rule, path)
        if (change === 'put') {
          puts.set(copy.to, copy)
          this.#newer.add(copy.from)
        } else {
          removed.add(copy.to)
          puts.delete(copy.to)
        }
      }
    const changes = puts.size + removed.size
    if (changes === 0) return
    this.#options.onEvent({ type: 'syncing', service, changes })
    const containers = await this.#replicas.apply(service, {
      puts: [...puts.values()],
      removed: [...removed],
    })
    this.#options.onEvent({ type: 'synced', service, containers })
  }

  /** What follows the copying. */
  #act({ action, service, exec }: Rule): void {
    if (action === 'rebuild') this.#heavy.rebuild(service)
    if (action === 'restart' || action === 'sync+restart') this.#heavy.restart(service)
    if (action === 'sync+exec' && exec !== undefined) this.#heavy.exec(service, exec)
  }

  /** Brings to a container what it has otherwise than this machine, as far as it changed after its image was made. */
  async #catchUp(id: string, service: string): Promise<void> {
    for (const { rule, tree } of this.#trees) {
      if (rule.service !== service || rule.target === undefined) continue
      const since = rule.initialSync ? 0 : await this.#imageTime(id)
      const copies: Copy[] = []
      for (const path of tree.files()) {
        const copy = copyOf(rule, path)
        if (since > 0 && !this.#newer.has(copy.from) && (await changedAt(copy.from)) <= since) continue
        this.#newer.add(copy.from)
        copies.push(copy)
      }
      if (copies.length === 0) continue
      await unlessGone(this.#bring(id, rule, copies))
    }
  }

  async #bring(id: string, rule: Rule, copies: readonly Copy[]): Promise<void> {
    const { docker } = this.#connected
    const { service } = rule
    const puts = await differing(docker, id, copyOf(rule, ''), copies)
    if (puts.length === 0) return
    this.#options.onEvent({ type: 'syncing', service, changes: puts.length })
    await this.#replicas.put(id, puts)
    this.#options.onEvent({ type: 'synced', service, containers: [id] })
    this.#act(rule)
  }

  /** Milliseconds since 1970; 0 where nobody knows, so that everything is compared. */
  async #imageTime(id: string): Promise<number> {
    const { docker } = this.#connected
    try {
      const { Image } = await docker.getContainer(id).inspect()
      const { Created } = await docker.getImage(Image).inspect()
      return Math.max(0, Date.parse(Created ?? '') || 0)
    } catch (error) {
      if (error instanceof Failure && error.kind === 'notFound') return 0
      throw error
    }
  }

  /** False where it is to be tried again: a file changed while it was sent, or the engine is gone. What else fails is told. */
  async #try(work: () => Promise<void>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      const isLost = error.kind === 'unavailable'
      if (isLost) await connectEngine(environmentOf(this.#connected.target))
      if (isLost || error.code === 'CONTEXT_CHANGED' || error.code === 'PACK_FAILED') {
        void setTimeout(AGAIN).then(() => this.#hint())
        return false
      }
      this.#options.onEvent({ type: 'problem', diagnostics: error.diagnostics })
      return true
    }
  }

  async #listen(): Promise<void> {
    const { docker, project, target } = this.#connected
    const again = async (): Promise<void> => {
      await connectEngine(environmentOf(target))
      await this.#listen()
      await this.#findNewcomers()
    }
    await watchContainerEvents(docker, project.name, this.#options.signal, {
      onEvent: ({ action, id, service, attributes }) => {
        this.#replicas.changed()
        if (action !== 'start' || !this.#services.has(service)) return
        if (attributes['com.docker.compose.oneoff'] !== 'True') this.#started(id, service)
      },
      onLost: () => void this.#try(again),
    })
  }

  async #findNewcomers(): Promise<void> {
    this.#replicas.changed()
    for (const container of await this.#replicas.list(this.#services))
      if (container.State === 'running') this.#started(container.Id, serviceOf(container))
  }

  #started(id: string, service: string): void {
    if (this.#known.has(id)) this.#restarted.add(id)
    else this.#newcomers.set(id, service)
    this.#known.add(id)
    this.#hint()
  }
}

function copyOf({ root, target = '/' }: Rule, path: string): Copy {
  return path === '' ? { from: root, to: target } : { from: join(root, path), to: join(target, path) }
}

/** Milliseconds since 1970; 0 for what has gone. */
async function changedAt(path: string): Promise<number> {
  try {
    return (await lstat(path)).ctimeMs
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return 0
    throw error
  }
}
