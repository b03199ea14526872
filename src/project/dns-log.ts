import { setTimeout as sleep } from 'node:timers/promises'
import type { DnsLogEntry, DnsLogLost, DnsLogQuestion } from '../api/types/index.ts'
import { type Docker, jsonLines } from '../client/index.ts'
import { Failure, failure } from '../diagnostics/index.ts'
import { AsyncQueue } from '../linux/async-queue.ts'
import { watchContainerEvents } from './container-events.ts'
import { checkServices, listProjectContainers, logName, nameOf, serviceOf } from './containers.ts'
import { connectEngine } from './engine.ts'
import { Interrupted } from './failures.ts'
import { resolveProject, serviceNames } from './project-name.ts'
import { environmentOf, type Target } from './target.ts'

export interface DnsLogRequest {
  /** One at least. */
  readonly services: readonly string[]
  readonly signal?: AbortSignal
}

/** Whose resolver it was. */
interface Asker {
  readonly service: string
  /** Without the project's name: `web-1`. */
  readonly container: string
}

/** A question that a container's resolver has answered. */
export type DnsQuestion = DnsLogQuestion & Asker
/** Questions that were asked faster than they were read. */
export type DnsQuestionsLost = DnsLogLost & Asker

type Entry = DnsQuestion | DnsQuestionsLost

/** Milliseconds until a resolver is asked again that has just ended: it is made anew at once, or after a second. */
const AGAIN = 250
/** Engines in a row that are gone before they have told anything. */
const ATTEMPTS = 5

/**
 * What containers of services ask their resolver, from now on: of those that run, and of those that start meanwhile. It goes on over
 * engines and resolvers that die, but for what is asked in between; to leave the loop ends it. Errors: NO_SUCH_SERVICE,
 * SERVICE_NOT_RUNNING, DNS_LOG_NONE; Interrupted when the signal aborts.
 */
export async function* dnsLog(
  target: Target,
  { services, signal }: DnsLogRequest,
): AsyncGenerator<Entry, void, undefined> {
  const { name, project } = await resolveProject(target, { needsModel: true })
  if (project) checkServices(serviceNames(project), services)
  let first = true
  for (let failed = 0; failed < ATTEMPTS; failed += 1) {
    if (signal?.aborted) throw new Interrupted()
    const docker = await connectEngine(environmentOf(target))
    const follower = new Follower(docker, name, services)
    const onAbort = (): void => follower.end(new Interrupted())
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      await follower.begin(first)
      first = false
      for await (const entry of follower.entries) {
        failed = 0
        yield entry
      }
    } catch (error) {
      if (!(error instanceof Failure && error.kind === 'unavailable')) throw error
    } finally {
      signal?.removeEventListener('abort', onAbort)
      follower.end()
      docker.modem.destroy()
    }
  }
  throw failure({
    code: 'ENGINE_UNREACHABLE',
    kind: 'unavailable',
    summary: 'the engine ends the connection over which it tells what is asked',
  })
}

/** Reads the logs of all containers of the services, while one engine lives. */
class Follower {
  readonly entries: AsyncQueue<Entry> = new AsyncQueue()
  readonly #docker: Docker
  readonly #project: string
  readonly #services: readonly string[]
  readonly #read = new Set<string>()
  readonly #closing = new AbortController()

  constructor(docker: Docker, project: string, services: readonly string[]) {
    this.#docker = docker
    this.#project = project
    this.#services = services
  }

  /** Resolves when all that runs is read; with `mustRun` something does. */
  async begin(mustRun: boolean): Promise<void> {
    await watchContainerEvents(this.#docker, this.#project, this.#closing.signal, {
      onEvent: ({ action, id, name, service }) => {
        if (action === 'start') void this.#follow(id, { service, container: logName(name, this.#project) })
      },
      onLost: () => this.entries.end(),
    })
    const running = (await listProjectContainers(this.#docker, this.#project, false)).filter(each =>
      this.#services.includes(serviceOf(each)),
    )
    if (running.length === 0 && mustRun)
      throw failure({
        code: 'SERVICE_NOT_RUNNING',
        kind: 'conflict',
        summary: `no container of "${this.#services.join('", "')}" is running`,
        hint: `tscompose up -d ${this.#services.join(' ')}`,
      })
    for (const each of running)
      void this.#follow(each.Id, {
        service: serviceOf(each),
        container: logName(nameOf(each), this.#project),
      })
  }

  end(error?: unknown): void {
    this.entries.end(error)
    this.#closing.abort()
  }

  /** Reads one container's log as long as it runs, whatever becomes of its resolver. */
  async #follow(id: string, asker: Asker): Promise<void> {
    if (!this.#services.includes(asker.service) || this.#read.has(id)) return
    this.#read.add(id)
    try {
      while (!this.#closing.signal.aborted) {
        await this.#readOnce(id, asker)
        await sleep(AGAIN, undefined, { signal: this.#closing.signal })
      }
    } catch (error) {
      // It has ended, and its next start is an event.
      const hasEnded = error instanceof Failure && (error.kind === 'conflict' || error.kind === 'notFound')
      if (!hasEnded && !this.#closing.signal.aborted) this.entries.end(error)
    } finally {
      this.#read.delete(id)
    }
  }

  async #readOnce(id: string, asker: Asker): Promise<void> {
    try {
      const stream = await this.#docker.getContainer(id).dnsLog()
      this.#closing.signal.addEventListener('abort', () => stream.destroy(), { once: true })
      for await (const entry of jsonLines(stream)) this.entries.push({ ...(entry as DnsLogEntry), ...asker })
    } catch (error) {
      if (error instanceof Failure && error.code !== 'DNS_LOG_BUSY') throw error
    }
  }
}
