import { setTimeout } from 'node:timers/promises'
import type { Docker } from '../../client/index.ts'
import { Failure } from '../../diagnostics/index.ts'
import { type ContainerEvent, watchContainerEvents } from '../container-events.ts'
import { logName } from '../containers.ts'
import { ContainerLog, type LogGap, type LogRange } from './container-log.ts'
import type { LogStream } from './output-stream.ts'

/** A container whose log is read. */
export interface LoggedContainer {
  readonly id: string
  readonly name: string
  /** Without the project's name in front: `web-1`. */
  readonly shortName: string
  readonly service: string
}

/** Where the lines of many containers go. */
export interface LogListener {
  /** Whole lines, without their newlines. */
  onLines(container: LoggedContainer, stream: LogStream, lines: readonly string[]): void
  /** Lines that are missing, before the one that follows them. */
  onGap(container: LoggedContainer, gap: LogGap): void
  /** Resolves when more can be taken; undefined while it can. */
  room(): Promise<void> | undefined
}

/** Where the logs are, and what of them is wanted; times are unix seconds. */
export interface LogsContext {
  readonly docker: Docker
  readonly project: string
  readonly listener: LogListener
  readonly reconnect: () => Promise<unknown>
  readonly range: Omit<LogRange, 'follow'>
  readonly timestamps: boolean
  /** Empty: all, those that come later too. */
  readonly services: readonly string[]
}

/** Milliseconds between two looks at a container that is about to start again. */
const RESTART_POLL = 100

/** Reads what there is, one container after the other, so that their order is the same each time. */
export async function showLogs(
  context: LogsContext,
  containers: readonly LoggedContainer[],
  signal: AbortSignal,
): Promise<void> {
  for (const container of containers) {
    const log = openLog(context, container)
    const close = (): void => log.close()
    if (signal.aborted) return
    signal.addEventListener('abort', close, { once: true })
    await log.read({ ...context.range, follow: false })
    signal.removeEventListener('abort', close)
  }
}

/** Follows them all, restarted and newly started ones too, until none runs or the signal aborts. */
export async function followLogs(
  context: LogsContext,
  containers: readonly LoggedContainer[],
  signal: AbortSignal,
): Promise<void> {
  const followed = new FollowedLogs(context, signal)
  await followed.watch()
  for (const container of containers) followed.follow(container, context.range)
  await followed.ended()
}

function openLog(
  { docker, listener, reconnect, timestamps }: LogsContext,
  container: LoggedContainer,
): ContainerLog {
  return new ContainerLog({
    docker,
    id: container.id,
    name: container.name,
    printer: {
      lines: (_name, stream, lines) => listener.onLines(container, stream, lines),
      room: () => listener.room(),
    },
    timestamps,
    reconnect,
    onGap: (_name, gap) => listener.onGap(container, gap),
  })
}

/** The logs that are followed, and those that were: one that starts again goes on where it ended. */
class FollowedLogs {
  readonly #context: LogsContext
  readonly #signal: AbortSignal
  readonly #closing = new AbortController()
  readonly #logs = new Map<string, ContainerLog>()
  readonly #open = new Map<string, Promise<void>>()

  constructor(context: LogsContext, signal: AbortSignal) {
    this.#context = context
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
  follow(container: LoggedContainer, range: Pick<LogRange, 'tail' | 'since'>): void {
    const { id } = container
    if (this.#open.has(id) || this.#signal.aborted) return
    const log = this.#logs.get(id) ?? openLog(this.#context, container)
    this.#logs.set(id, log)
    const { until } = this.#context.range
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
  async #read(id: string, log: ContainerLog, range: LogRange): Promise<void> {
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
    const { services, project } = this.#context
    if (action !== 'start' || (services.length > 0 && !services.includes(service))) return
    this.follow({ id, name, shortName: logName(name, project), service }, { tail: 'all', since: time })
  }

  #close(): void {
    this.#closing.abort()
    for (const log of this.#logs.values()) log.close()
  }
}

function ignoreUnavailable(error: unknown): void {
  if (!(error instanceof Failure && error.kind === 'unavailable')) throw error
}
