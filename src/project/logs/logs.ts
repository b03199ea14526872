import { setTimeout } from 'node:timers/promises'
import type { ContainerSummary } from '../../api/types/index.ts'
import type { Docker } from '../../client/index.ts'
import { Failure } from '../../diagnostics/index.ts'
import { type ContainerEvent, watchContainerEvents } from '../container-events.ts'
import { logName, nameOf } from '../containers.ts'
import { ContainerLog, type LogGap } from './container-log.ts'
import type { LogSink } from './log-sink.ts'

/** What of the logs is wanted; times are unix seconds. */
export interface LogsRequest {
  readonly follow: boolean
  readonly tail: string
  readonly timestamps: boolean
  readonly services: readonly string[]
  readonly since?: number
  readonly until?: number
}

/** Where the logs are and go. */
export interface LogsContext {
  readonly docker: Docker
  readonly project: string
  readonly printer: LogSink
  readonly reconnect: () => Promise<unknown>
  readonly onGap: (name: string, gap: LogGap) => void
}

/** Milliseconds between two looks at a container that is about to start again. */
const RESTART_POLL = 100

/** Prints what there is, one container after the other, so that their order is the same each time. */
export async function showLogs(
  context: LogsContext,
  containers: readonly ContainerSummary[],
  request: LogsRequest,
): Promise<void> {
  for (const container of containers) {
    const name = logName(nameOf(container), context.project)
    await openLog(context, container.Id, name, request).read(request)
  }
}

/** Follows them all, restarted and newly started ones too, until none runs or the signal aborts. */
export async function followLogs(
  context: LogsContext,
  containers: readonly ContainerSummary[],
  request: LogsRequest,
  signal: AbortSignal,
): Promise<void> {
  const followed = new FollowedLogs(context, request, signal)
  await followed.watch()
  for (const container of containers) followed.follow(container.Id, nameOf(container), request)
  await followed.ended()
}

function openLog(
  { docker, printer, reconnect, onGap }: LogsContext,
  id: string,
  name: string,
  { timestamps }: LogsRequest,
): ContainerLog {
  return new ContainerLog({ docker, id, name, printer, timestamps, reconnect, onGap })
}

/** The logs that are followed, and those that were: one that starts again goes on where it ended. */
class FollowedLogs {
  readonly #context: LogsContext
  readonly #request: LogsRequest
  readonly #signal: AbortSignal
  readonly #closing = new AbortController()
  readonly #logs = new Map<string, ContainerLog>()
  readonly #open = new Map<string, Promise<void>>()

  constructor(context: LogsContext, request: LogsRequest, signal: AbortSignal) {
    this.#context = context
    this.#request = request
    this.#signal = signal
    signal.addEventListener('abort', () => this.#close(), { once: true })
  }

  /** Notices containers that are started, by whatever engine; resolves as soon as none is missed. */
  async watch(): Promise<void> {
    const { docker, project, reconnect } = this.#context
    await watchContainerEvents(docker, project, this.#closing.signal, {
      onEvent: event => this.#onEvent(event),
      // The logs themselves go on, and tell if no engine can be had.
      onLost: () =>
        void reconnect()
          .then(() => this.watch(), ignoreUnavailable)
          .catch(ignoreUnavailable),
    })
  }

  /** Prints its log from now on, unless it does already. */
  follow(id: string, name: string, range: Pick<LogsRequest, 'tail' | 'since'>): void {
    if (this.#open.has(id) || this.#signal.aborted) return
    const log =
      this.#logs.get(id) ?? openLog(this.#context, id, logName(name, this.#context.project), this.#request)
    this.#logs.set(id, log)
    const { until } = this.#request
    const wanted = { ...range, ...(until === undefined ? {} : { until }), follow: true }
    const reading = this.#read(id, log, wanted).finally(() => this.#open.delete(id))
    this.#open.set(id, reading)
  }

  /** Resolves when all have ended; rejects with what one of them failed with. */
  async ended(): Promise<void> {
    try {
      while (this.#open.size > 0 && !this.#signal.aborted) await Promise.race(this.#open.values())
    } finally {
      this.#close()
    }
  }

  /** Over its restarts, by policy and by hand. */
  async #read(id: string, log: ContainerLog, range: Parameters<ContainerLog['read']>[0]): Promise<void> {
    do await log.read(range)
    while (
      // What is wanted only up to some time has all come.
      range.until === undefined &&
      !this.#closing.signal.aborted &&
      (await this.#startsAgain(id))
    )
  }

  async #startsAgain(id: string): Promise<boolean> {
    try {
      for (;;) {
        const { State } = await this.#context.docker.getContainer(id).inspect()
        if (State.Running || !State.Restarting) return State.Running
        await setTimeout(RESTART_POLL)
      }
    } catch (error) {
      if (error instanceof Failure && error.kind === 'notFound') return false
      if (!(error instanceof Failure && error.kind === 'unavailable')) throw error
      await this.#context.reconnect()
      return true
    }
  }

  #onEvent({ action, id, name, service, time }: ContainerEvent): void {
    const { services } = this.#request
    if (action !== 'start' || (services.length > 0 && !services.includes(service))) return
    this.follow(id, name, { tail: 'all', since: time })
  }

  #close(): void {
    this.#closing.abort()
    for (const log of this.#logs.values()) log.close()
  }
}

function ignoreUnavailable(error: unknown): void {
  if (!(error instanceof Failure && error.kind === 'unavailable')) throw error
}
