import type { Readable } from 'node:stream'
import { type Docker, jsonLines } from '../client/index.ts'
import { Failure, failure } from '../diagnostics/index.ts'
import { checkServices } from './containers.ts'
import { type Drifted, type DriftRequest, driftedNow } from './drift.ts'
import { connectEngine } from './engine.ts'
import { Interrupted } from './failures.ts'
import { resolveProject, serviceNames } from './project-name.ts'
import { environmentOf, isForeign, type Target } from './target.ts'

/** One thing that has drifted, or has not any more. */
export interface DriftNews extends Drifted {
  readonly state: 'came' | 'gone'
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
  const known = new Map<string, Drifted>()
  for (let failed = 0; failed < ATTEMPTS; failed += 1) {
    if (signal?.aborted) throw new Interrupted()
    const docker = await connectEngine(env)
    try {
      for await (const now of looks(docker, name, services, signal)) {
        failed = 0
        yield* differences(known, now)
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

/** All that has drifted, each time that it may be something else; while one engine lives. */
async function* looks(
  docker: Docker,
  name: string,
  services: readonly string[],
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly Drifted[], void, undefined> {
  const stream = await docker.kernelStirs(name)
  const end = (): void => void stream.destroy()
  signal?.addEventListener('abort', end, { once: true })
  try {
    for await (const _ of untilLost(stream)) yield await driftedNow(docker, name, { services })
  } finally {
    signal?.removeEventListener('abort', end)
    end()
  }
  if (signal?.aborted) throw new Interrupted()
}

/** Ends with the connection, whatever ended it: only what the engine itself has said is raised. */
async function* untilLost(stream: Readable): AsyncGenerator<object, void, undefined> {
  try {
    yield* jsonLines(stream)
  } catch (error) {
    if (error instanceof Failure) throw error
  }
}

function* differences(known: Map<string, Drifted>, found: readonly Drifted[]): Generator<DriftNews> {
  const now = new Map(found.map(each => [keyOf(each), each]))
  for (const [key, each] of [...known])
    if (!now.has(key)) {
      known.delete(key)
      yield { ...each, state: 'gone' }
    }
  for (const [key, each] of now)
    if (!known.has(key)) {
      known.set(key, each)
      yield { ...each, state: 'came' }
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
