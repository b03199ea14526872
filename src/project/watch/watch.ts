import { AsyncQueue } from '../../linux/async-queue.ts'
import { connectProject, whileConnected } from '../connected-project.ts'
import { Interrupted } from '../failures.ts'
import type { WorkOptions } from '../run-plan.ts'
import type { Target } from '../target.ts'
import { bringUp } from '../up.ts'
import type { WatchEvent } from './events.ts'
import { watchProject } from './project-watch.ts'
import { checkWatchable } from './rules.ts'

/** What is watched, and how. */
export interface WatchRequest extends Pick<WorkOptions, 'parallel'> {
  /** Default: all services that have `develop.watch`. */
  readonly services?: readonly string[]
  /** Bring the services up first; default: yes. */
  readonly up?: boolean
  /** Remove images that a rebuild has left without a name; default: yes. */
  readonly prune?: boolean
  readonly signal?: AbortSignal
}

/**
 * Copies, rebuilds, restarts as the files' `develop.watch` says, and tells what it does; to leave the loop ends it. Errors of one
 * change are told and end nothing. Errors: WATCH_NO_RULES, WATCH_NO_BUILD, WATCH_RUNNING, WATCH_LIMIT; Interrupted when the signal
 * aborts.
 */
export async function* watch(
  target: Target,
  request: WatchRequest = {},
): AsyncGenerator<WatchEvent, void, undefined> {
  const left = new AbortController()
  const { signal } = request
  const queue = new AsyncQueue<WatchEvent>()
  const watching = follow(
    target,
    request,
    signal === undefined ? left.signal : AbortSignal.any([left.signal, signal]),
    event => queue.push(event),
  ).then(
    () => queue.end(),
    error => queue.end(error),
  )
  try {
    yield* queue
  } finally {
    left.abort()
    await watching
  }
  if (signal?.aborted) throw new Interrupted()
}

async function follow(
  target: Target,
  { services = [], up = true, prune = true, parallel }: WatchRequest,
  signal: AbortSignal,
  onEvent: (event: WatchEvent) => void,
): Promise<void> {
  const work: WorkOptions = {
    ...(parallel === undefined ? {} : { parallel }),
    signal,
    onEvent: event => onEvent({ type: 'progress', event }),
    onWarning: diagnostics => onEvent({ type: 'problem', diagnostics }),
  }
  await whileConnected(connectProject(target, { services }), async connected => {
    checkWatchable(connected.project, services)
    if (up) await bringUp(connected, { ...work, services })
    await watchProject(connected, { services, prune, signal, onEvent, perform: run => run(work) })
  })
}
