import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Diagnostic, messageOf } from '../../diagnostics/index.ts'
import type { FrontConnection, FrontRoute, Native } from '../../native/index.ts'
import type { PortRequest } from '../../network/index.ts'
import type { Host } from '../runtime/index.ts'
import { frontConfinement } from '../security/index.ts'
import type { Container } from '../state/container.ts'
import type { LocalNames, NamedPort } from '../state/context.ts'
import { localNameOf, namedPorts, routesOf } from './routes.ts'

/** Milliseconds that an answer takes at most: one that takes longer was stopped. */
const PATIENCE = 2_000
/** Until one that has ended is begun again. */
const PAUSE = 200
/** At one that was killed, in the same time. */
const LOOKS = 100

interface FrontSettings {
  /** The folder of the socket. */
  readonly run: string
  readonly native: Pick<Native, 'openFront'>
  readonly host: Pick<Host, 'architecture'>
  readonly containers: { values(): Iterable<Container> }
  /** False: there are no names, and localhost is left to others. */
  readonly wanted: boolean
  readonly warn: (warning: Diagnostic) => void
}

/**
 * Keeps the front door (native/front) equal to what instances publish. It is a process of its own, which goes on without an engine; the next one finds it,
 * and says all anew. There is one as long as there are instances.
 */
export class FrontDoor implements LocalNames {
  readonly #settings: FrontSettings
  #connection: FrontConnection | undefined
  /** What it was told last, where it has not been lost since. */
  #told: string | undefined
  /** What became of its ports then. */
  #errnos: ReadonlyMap<number, number> = new Map()
  readonly #claims = new Set<readonly PortRequest[]>()
  #running: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(settings: FrontSettings) {
    this.#settings = settings
  }

  follow(): Promise<void> {
    const run = this.#running.then(() => this.#tell())
    this.#running = run.catch(error =>
      this.#settings.warn({
        severity: 'warning',
        code: 'REPAIR',
        summary: `names of instances at localhost: ${messageOf(error)}`,
      }),
    )
    return this.#running
  }

  async giveWay<T>(requests: readonly PortRequest[], task: () => Promise<T>): Promise<T> {
    this.#claims.add(requests)
    try {
      await this.follow()
      return await task()
    } finally {
      this.#claims.delete(requests)
      await this.follow()
    }
  }

  portsOf(container: Pick<Container, 'record' | 'published'>): readonly NamedPort[] {
    const at = localNameOf(container)
    if (at === undefined || !this.#settings.wanted) return []
    return namedPorts(container, at).map(port => {
      const errno = this.#errnos.get(port)
      return {
        name: at.name,
        port,
        // What is none of its ports was given up for another container of ours.
        state: errno === 0 ? 'answers' : errno === undefined ? 'given up' : 'taken',
      }
    })
  }

  get pid(): number | undefined {
    return this.#connection?.pid
  }

  async tryAgain(): Promise<void> {
    if (this.pid !== undefined) process.kill(this.pid, 'SIGCONT')
    this.#told = undefined
    await this.follow()
  }

  close(): void {
    this.#isClosed = true
    this.#connection?.close()
    this.#connection = undefined
  }

  async #tell(): Promise<void> {
    const { containers, wanted } = this.#settings
    const routes = wanted ? routesOf(containers.values(), [...this.#claims].flat()) : []
    const text = JSON.stringify(routes)
    if (text === this.#told || this.#isClosed) return
    const socket = join(this.#settings.run, 'front.sock')
    if (routes.length > 0 || this.#connection !== undefined || existsSync(socket)) {
      const ports = await this.#lead(routes)
      this.#errnos = new Map(ports.map(({ number, errno }) => [number, errno]))
    }
    this.#told = text
    if (routes.length > 0) return
    this.#forget()
    rmSync(socket, { force: true })
  }

  /** One that does not answer has no other use either. */
  async #lead(routes: readonly FrontRoute[]): ReturnType<FrontConnection['lead']> {
    const connection = this.#connection ?? (await this.#open())
    try {
      return await withinPatience(connection.lead(routes))
    } catch (error) {
      // It has ended, or was stopped: another has its place.
      if (error === LATE) await end(connection)
      if (this.#connection === connection) this.#forget()
      return await withinPatience((await this.#open()).lead(routes))
    }
  }

  #forget(): void {
    const connection = this.#connection
    this.#connection = undefined
    connection?.close()
  }

  async #open(): Promise<FrontConnection> {
    const { native, run, host } = this.#settings
    const connection = await native.openFront({
      op: 'front',
      folder: run,
      ...frontConfinement(host.architecture),
    })
    this.#connection = connection
    void connection.closed.then(() => this.#lost(connection))
    return connection
  }

  /** Somebody has killed it. */
  async #lost(connection: FrontConnection): Promise<void> {
    if (this.#connection !== connection) return
    this.#connection = undefined
    this.#told = undefined
    await sleep(PAUSE, undefined, { ref: false })
    await this.follow()
  }
}

const LATE = new Error('it does not answer')

/** Until its ports are free. The pid is its own as long as the connection lasts. */
async function end({ pid }: FrontConnection): Promise<void> {
  if (pid === undefined) return
  process.kill(pid, 'SIGKILL')
  for (let look = 0; look < LOOKS && existsSync(`/proc/${pid}`); look++) await sleep(PATIENCE / LOOKS)
}

async function withinPatience<T>(task: Promise<T>): Promise<T> {
  const over = new AbortController()
  const late = sleep(PATIENCE, undefined, { signal: over.signal }).then(() => {
    throw LATE
  })
  try {
    return await Promise.race([task, late])
  } finally {
    over.abort()
    late.catch(() => undefined)
  }
}
