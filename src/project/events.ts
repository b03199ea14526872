import type { Readable } from 'node:stream'
import { Failure, failure } from '../diagnostics/index.ts'
import { type ContainerEvent, eventReader, openContainerEvents } from './container-events.ts'
import { checkServices } from './containers.ts'
import { connectEngine } from './engine.ts'
import { Interrupted } from './failures.ts'
import { resolveProject, serviceNames } from './project-name.ts'
import { environmentOf, type Target } from './target.ts'

export interface EventsRequest {
  readonly services?: readonly string[]
  /** Unix seconds; default: the call of `events`, and with `until` all that the engine remembers: its last 256 events. */
  readonly since?: number
  /** Unix seconds: the loop ends by itself then. */
  readonly until?: number
  readonly signal?: AbortSignal
}

/** Engines in a row that are gone before they have told anything: one that is being killed may let a connection in. */
const ATTEMPTS = 5

/** Seconds by which a timer may be early. */
const CLOCK_SLACK = 0.05

/**
 * What happens to the containers of a project, as it happens, over engines that die: the next engine tells what changed
 * meanwhile, and nothing comes twice. To leave the loop ends it. Errors: NO_SUCH_SERVICE; Interrupted when the signal aborts.
 */
export function events(
  target: Target,
  request: EventsRequest = {},
): AsyncGenerator<ContainerEvent, void, undefined> {
  // What happens between the call and the first look is told, too; who sets an end alone wants what was before it.
  const since = request.until === undefined ? Date.now() / 1000 : 0
  return follow(target, { since, ...request })
}

async function* follow(
  target: Target,
  { services = [], since, until, signal }: EventsRequest & { readonly since: number },
): AsyncGenerator<ContainerEvent, void, undefined> {
  const { name, project } = await resolveProject(target, { needsModel: services.length > 0 })
  if (project) checkServices(serviceNames(project), services)
  const told = new Told(since)
  let lost: unknown = brokenOff()
  for (let failed = 0; failed < ATTEMPTS; failed += 1) {
    if (signal?.aborted) throw new Interrupted()
    const docker = await connectEngine(environmentOf(target))
    told.again()
    try {
      for await (const event of untilLost(
        await openContainerEvents(docker, name, { since: told.last, until }),
        signal,
      )) {
        if (!told.isNew(event)) continue
        failed = 0
        if (services.length === 0 || services.includes(event.service)) yield event
      }
    } catch (error) {
      if (!(error instanceof Failure && error.kind === 'unavailable')) throw error
      lost = error
    } finally {
      docker.modem.destroy()
    }
    // The engine ends the stream then; one that dies ends it, too.
    if (until !== undefined && Date.now() / 1000 >= until - CLOCK_SLACK) return
  }
  throw lost
}

/** What was told already: an engine that is still there gives it once more. Many events may have one time. */
class Told {
  #last: number
  #count = 0
  #left: number | undefined

  constructor(since: number) {
    this.#last = since
  }

  /** Unix seconds of the last event. */
  get last(): number {
    return this.#last
  }

  /** From here on events may come for the second time. */
  again(): void {
    this.#left = this.#count
  }

  isNew({ time }: ContainerEvent): boolean {
    if (this.#left !== undefined) {
      if (time < this.#last) return false
      if (time === this.#last && this.#left > 0) {
        this.#left -= 1
        return false
      }
      this.#left = undefined
    }
    this.#count = time === this.#last ? this.#count + 1 : 1
    this.#last = time
    return true
  }
}

function brokenOff(): Failure {
  const summary = 'the engine ends the connection over which it tells events'
  return failure({ code: 'ENGINE_UNREACHABLE', kind: 'unavailable', summary })
}

/** Ends with the connection, whatever ended it; Interrupted where that was the signal. */
async function* untilLost(
  stream: Readable,
  signal: AbortSignal | undefined,
): AsyncGenerator<ContainerEvent, void, undefined> {
  const onAbort = (): void => void stream.destroy(new Interrupted())
  if (signal?.aborted) onAbort()
  signal?.addEventListener('abort', onAbort, { once: true })
  const take = eventReader()
  try {
    for await (const text of stream) yield* take(String(text))
  } catch (error) {
    // What is neither ours nor a word of the engine is the end of the connection.
    if (error instanceof Interrupted || error instanceof Failure) throw error
  } finally {
    signal?.removeEventListener('abort', onAbort)
    stream.destroy()
  }
}
