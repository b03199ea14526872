import type { Readable } from 'node:stream'
import type { KernelStir, MendedThing } from '../api/types/index.ts'
import { type Docker, jsonLines } from '../client/index.ts'
import { Failure, failure } from '../diagnostics/index.ts'
import { checkServices } from './containers.ts'
import { type Drifted, type DriftRequest, driftedNow } from './drift.ts'
import { connectEngine } from './engine.ts'
import { Interrupted } from './failures.ts'
import { resolveProject, serviceNames } from './project-name.ts'
import { environmentOf, isForeign, type Target } from './target.ts'

/** One thing that has drifted, or has not any more; or that the engine has put right by itself before anybody was told of it (`up --repair`). */
export interface DriftNews extends Drifted {
  readonly state: 'came' | 'gone' | 'mended'
}

export interface WatchDriftRequest extends DriftRequest {
  readonly signal?: AbortSignal
}

/** Engines in a row that are gone before they have told anything. */
const ATTEMPTS = 5

/**
 * What drifts, as it comes and goes: first all that there is. The engine hears of links, addresses, routes and tables by netlink, of groups, names, files of
 * /etc, volumes and files that are bound by inotify; all else is looked at every five seconds. It goes on over engines that die; to leave the loop ends
 * it. Errors: NO_SUCH_SERVICE, DRIFT_FOREIGN; Interrupted when the signal aborts.
 */
export async function* watchDrift(
  target: Target,
  { services = [], signal }: WatchDriftRequest = {},
): AsyncGenerator<DriftNews, void, undefined> {
  const env = environmentOf(target)
  const { name, project } = await resolveProject(target, { needsModel: services.length > 0 })
  if (project) checkServices(serviceNames(project), services)
  if (isForeign(env)) throw foreign()
  const told = new Told()
  for (let failed = 0; failed < ATTEMPTS; failed += 1) {
    if (signal?.aborted) throw new Interrupted()
    const docker = await connectEngine(env)
    try {
      for await (const { now, mended } of looks(docker, name, services, signal)) {
        failed = 0
        yield* told.mended(mended)
        yield* told.found(now)
      }
    } catch (error) {
      if (signal?.aborted) throw new Interrupted()
      if (!(error instanceof Failure && error.kind === 'unavailable')) throw error
    } finally {
      docker.modem.destroy()
    }
  }
  throw failure({
    code: 'ENGINE_UNREACHABLE',
    kind: 'unavailable',
    summary: 'the engine ends the connection over which it tells what changes in the kernel',
  })
}

/** All that has drifted, and what was put right meanwhile. */
interface Look {
  readonly now: readonly Drifted[]
  readonly mended: readonly Drifted[]
}

/** Each time that it may be something else; while one engine lives. */
async function* looks(
  docker: Docker,
  name: string,
  services: readonly string[],
  signal: AbortSignal | undefined,
): AsyncGenerator<Look, void, undefined> {
  const stream = await docker.kernelStirs(name)
  const end = (): void => void stream.destroy()
  signal?.addEventListener('abort', end, { once: true })
  try {
    for await (const { Mended = [] } of untilLost(stream)) {
      const mended = Mended.filter(each => isAsked(each, services)).flatMap(driftedOf)
      yield { now: await driftedNow(docker, name, { services }), mended }
    }
  } finally {
    signal?.removeEventListener('abort', end)
    end()
  }
  if (signal?.aborted) throw new Interrupted()
}

/** Ends with the connection, whatever ended it: only what the engine itself has said is raised. */
async function* untilLost(stream: Readable): AsyncGenerator<KernelStir, void, undefined> {
  try {
    yield* jsonLines(stream) as AsyncGenerator<KernelStir>
  } catch (error) {
    if (error instanceof Failure) throw error
  }
}

function isAsked({ Service }: MendedThing, services: readonly string[]): boolean {
  return services.length === 0 || Service === undefined || services.includes(Service)
}

function driftedOf({ Kind, Name, Service, Drift }: MendedThing): Drifted[] {
  return Drift.map(({ Path, Want, Got }) => ({
    kind: Kind,
    name: Name,
    ...(Service === undefined ? {} : { service: Service }),
    path: Path,
    want: Want,
    got: Got,
    repair: 'place',
  }))
}

/** Milliseconds within which the engine says that it has put right what a look has not found any more. */
const SAID_WITHIN = 5_000

/**
 * What was told so far: each thing that comes is told as it does, or when the engine has put it right before it was seen, and never twice. Of each
 * repair the engine gives its word once, before or behind the look that does not find the thing any more.
 */
export class Told {
  readonly #known = new Map<string, Drifted>()
  /** What has gone without a word of the engine's, and when. */
  readonly #gone = new Map<string, number>()

  mended(all: readonly Drifted[]): DriftNews[] {
    return all.flatMap((each): DriftNews[] => {
      const key = keyOf(each)
      const since = performance.now() - (this.#gone.get(key) ?? Number.NEGATIVE_INFINITY)
      this.#gone.delete(key)
      if (this.#known.delete(key)) return [{ ...each, state: 'gone' }]
      return since > SAID_WITHIN ? [{ ...each, state: 'mended' }] : []
    })
  }

  found(all: readonly Drifted[]): DriftNews[] {
    const now = new Map(all.map(each => [keyOf(each), each]))
    const gone = [...this.#known].filter(([key]) => !now.has(key))
    const come = [...now].filter(([key]) => !this.#known.has(key))
    for (const [key] of gone) {
      this.#known.delete(key)
      this.#gone.set(key, performance.now())
    }
    for (const [key, each] of come) this.#known.set(key, each)
    return [
      ...gone.map(([, each]) => ({ ...each, state: 'gone' as const })),
      ...come.map(([, each]) => ({ ...each, state: 'came' as const })),
    ]
  }
}

function keyOf({ kind, name, path, want, got }: Drifted): string {
  return JSON.stringify([kind, name, path, want, got])
}

function foreign(): Error {
  return failure({
    code: 'DRIFT_FOREIGN',
    kind: 'invalidArgument',
    summary: 'a Docker Engine does not tell what changes in the kernel',
  })
}
