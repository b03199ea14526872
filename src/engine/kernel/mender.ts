import type { Drift } from '../../api/types/index.ts'
import { messageOf } from '../../diagnostics/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { projectLabel } from '../state/project.ts'
import { tellMended } from './mended.ts'
import { observeContainer, observeNetwork } from './observe.ts'
import { repairAlone, repairNetwork } from './repair.ts'
import { containersOf, networksOf } from './watched-folders.ts'

/** What comes back so often within so many milliseconds is left alone: somebody wants it otherwise. */
const MOST = 5
const WITHIN = 60_000

/** What has drifted of one thing, and how that is put right. */
interface Mending {
  readonly what: string
  readonly of: Container | NetworkRecord
  readonly drift: readonly Drift[]
  readonly repair: (paths: readonly string[]) => Promise<readonly Drift[]>
}

/** What a mender takes of the world: a test has its own. */
interface MenderWorld {
  /** Milliseconds. */
  readonly now: () => number
  readonly observe: typeof observeNetwork
}

const WORLD: MenderWorld = { now: () => performance.now(), observe: observeNetwork }

/**
 * Puts right what drifts of the projects that ask for it (`up --repair`), as it comes, by the repairs that `up` plans. Their containers' records say
 * which these are, so the next engine goes on.
 */
export class Mender {
  readonly #engine: EngineContext
  readonly #running = new Map<string, AbortController>()
  /** When something was put right, by thing and path. */
  readonly #times = new Map<string, readonly number[]>()
  readonly #world: MenderWorld

  constructor(engine: EngineContext, world: MenderWorld = WORLD) {
    this.#engine = engine
    this.#world = world
  }

  /** Begins and ends with what the records say. */
  renew(): void {
    const wanted = new Set(
      [...this.#engine.containers.values()].flatMap(container =>
        container.record.mended === true ? (projectLabel(container) ?? []) : [],
      ),
    )
    for (const [project, closing] of this.#running) if (!wanted.has(project)) closing.abort()
    for (const project of wanted) if (!this.#running.has(project)) void this.#run(project)
  }

  /** What `up` itself puts right may be put right again. */
  forget(id: string, paths: readonly string[]): void {
    for (const path of paths) this.#times.delete(`${id} ${path}`)
  }

  async #run(project: string): Promise<void> {
    const closing = new AbortController()
    const end = (): void => closing.abort()
    this.#running.set(project, closing)
    this.#engine.closing.addEventListener('abort', end, { once: true })
    try {
      for await (const _ of this.#engine.watch.follow(project, closing.signal)) {
        if (!containersOf(this.#engine, project).some(({ record }) => record.mended === true)) break
        await this.mend(project)
      }
    } catch (error) {
      this.#warn(`project ${project} is not mended any more: ${messageOf(error)}`)
    } finally {
      this.#engine.closing.removeEventListener('abort', end)
      this.#running.delete(project)
    }
  }

  /** Looks once, and puts right what it finds: networks first, which containers stand on. */
  async mend(project: string): Promise<void> {
    const engine = this.#engine
    for (const network of networksOf(engine, project))
      await this.#repair({
        what: `network ${network.name}`,
        of: network,
        drift: await this.#world.observe(engine, network),
        repair: paths => repairNetwork(engine, network, paths),
      })
    const mended = containersOf(engine, project).filter(({ record }) => record.mended === true)
    const found = await Promise.all(
      mended.map(async each => [each, await observeContainer(engine, each)] as const),
    )
    for (const [container, drift] of found)
      await this.#repair({
        what: `container ${container.name}`,
        of: container,
        drift,
        repair: paths => repairAlone(engine, container, paths),
      })
  }

  async #repair({ what, of, drift, repair }: Mending): Promise<void> {
    const paths = new Set(drift.flatMap(({ Path, Repair }) => (Repair === 'place' ? [Path] : [])))
    const due = [...paths].filter(path => this.#mayAgain(what, of.id, path))
    if (due.length === 0) return
    try {
      tellMended(this.#engine, of, await repair(due))
    } catch (error) {
      this.#warn(`${what}: ${messageOf(error)}`)
    }
  }

  /** The last time that it may is told of. */
  #mayAgain(what: string, id: string, path: string): boolean {
    const key = `${id} ${path}`
    const now = this.#world.now()
    const before = this.#times.get(key) ?? []
    if (before.length >= MOST) return false
    const times = [...before.filter(time => now - time < WITHIN), now]
    this.#times.set(key, times)
    if (times.length === MOST)
      this.#warn(
        `${what}: ${path} was put right ${MOST} times within a minute, and is left alone from now on, until the next up`,
      )
    return true
  }

  #warn(summary: string): void {
    this.#engine.warn({ severity: 'warning', code: 'DRIFT_RETURNS', summary })
  }
}
