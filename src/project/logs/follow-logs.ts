import { setTimeout } from 'node:timers/promises'
import type { Docker } from '../../client/index.ts'
import { Failure } from '../../diagnostics/index.ts'
import { type ContainerEvent, watchContainerEvents } from '../container-events.ts'
import { listProjectContainers, logName } from '../containers.ts'
import { ContainerLog, type LogGap } from './container-log.ts'
import { type LogRange, rangeSince } from './log-range.ts'
import { isLogged, type LoggedContainer, type LoggedSelection, loggedContainer } from './logged-container.ts'
import type { LogStream } from './output-stream.ts'

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
  /** Of those that come later, too. */
  readonly selection: LoggedSelection
}

/** What of a log is wanted; of its last run all, or all that has not been read. */
type LogPart = Pick<LogRange, 'tail' | 'since'> | 'last run'

/** The label of a container that is made to take the place of another. */
const REPLACES = 'com.docker.compose.replace'

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

/**
 * Follows them all, restarted and newly started ones too, until none runs, none is about to take the place of one, or the
 * signal aborts.
 */
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
  /** Those of `#open` that were started again before their end was noticed. */
  readonly #startedMeanwhile = new Set<string>()
  /** Containers that were made to replace others, and have not started yet. */
  readonly #replacements = new Set<string>()
  #changed: () => void = () => undefined
  #failed: { readonly error: unknown } | undefined

  constructor(context: LogsContext, signal: AbortSignal) {
    this.#context = context
    this.#signal = signal
    signal.addEventListener('abort', () => this.#close(), { once: true })
  }

  /** Notices containers that are started, by whatever engine; resolves as soon as none is missed. */
  async watch(): Promise<void> {
    const { docker, project } = this.#context
    await watchContainerEvents(docker, project, this.#closing.signal, {
      onEvent: event => this.#onEvent(event),
      onLost: () => void this.#watchAgain().catch(error => this.#fail(error)),
    })
  }

  /** Prints its log from now on, unless it does already. */
  follow(container: LoggedContainer, part: LogPart): void {
    const { id } = container
    if (this.#signal.aborted) return
    if (this.#open.has(id)) {
      this.#startedMeanwhile.add(id)
      return
    }
    const log = this.#logs.get(id) ?? openLog(this.#context, container)
    this.#logs.set(id, log)
    const reading = this.#read(id, log, part)
      .catch(error => this.#fail(error))
      .finally(() => {
        this.#open.delete(id)
        this.#changed()
      })
    this.#open.set(id, reading)
  }

  /** Resolves when all have ended; rejects with what one of them failed with. */
  async ended(): Promise<void> {
    try {
      while (!this.#isOver()) await this.#change()
    } finally {
      this.#close()
    }
    if (this.#failed !== undefined) throw this.#failed.error
  }

  #isOver(): boolean {
    if (this.#failed !== undefined || this.#signal.aborted) return true
    return this.#open.size === 0 && this.#replacements.size === 0
  }

  #change(): Promise<void> {
    return new Promise(resolve => {
      this.#changed = resolve
    })
  }

  #fail(error: unknown): void {
    this.#failed ??= { error }
    this.#changed()
  }

  /** A new engine knows nothing of what the one before it told: what was started or removed meanwhile is caught up with. */
  async #watchAgain(): Promise<void> {
    const { docker, project, reconnect } = this.#context
    try {
      await reconnect()
      await this.watch()
      const found = await listProjectContainers(docker, project, true)
      const running = found.filter(({ State }) => State === 'running')
      for (const { Id } of running) this.#replacements.delete(Id)
      for (const id of this.#replacements)
        if (!found.some(({ Id }) => Id === id)) this.#replacements.delete(id)
      for (const container of running)
        if (this.#isWanted(container.Labels)) this.#started(loggedContainer(container, project))
      this.#changed()
    } catch (error) {
      // The logs themselves go on, and tell if no engine can be had.
      ignoreUnavailable(error)
    }
  }

  /** Over its restarts, by policy and by hand. */
  async #read(id: string, log: ContainerLog, part: LogPart): Promise<void> {
    const { until } = this.#context.range
    const range = {
      ...(part === 'last run' ? await this.#sinceStart(id) : part),
      ...(until === undefined ? {} : { until }),
      follow: true,
    }
    do {
      this.#startedMeanwhile.delete(id)
      await log.read(range)
    } while (
      // What is wanted only up to some time has all come.
      until === undefined &&
      !this.#closing.signal.aborted &&
      ((await this.#startsAgain(id)) || this.#startedMeanwhile.has(id))
    )
  }

  /** One that is gone already has no log either, which its reader tells. */
  async #sinceStart(id: string): Promise<Pick<LogRange, 'tail' | 'since'>> {
    try {
      const { State } = await this.#context.docker.getContainer(id).inspect()
      return { tail: 'all', ...rangeSince(State.StartedAt) }
    } catch (error) {
      if (!(error instanceof Failure && error.kind === 'notFound')) throw error
      return { tail: 'all' }
    }
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

  #onEvent({ action, id, name, service, attributes }: ContainerEvent): void {
    const { project } = this.#context
    if (!this.#isWanted(attributes)) return
    if (action === 'create' && attributes[REPLACES] !== undefined) this.#replacements.add(id)
    if (action === 'destroy') this.#replacements.delete(id)
    if (action === 'start') {
      this.#replacements.delete(id)
      this.#started({ id, name, shortName: logName(name, project), service })
    }
    this.#changed()
  }

  /** One that nobody has seen before wrote all of its log since it came; another goes on where it ended. */
  #started(container: LoggedContainer): void {
    this.follow(container, this.#logs.has(container.id) ? 'last run' : { tail: 'all' })
  }

  #isWanted(labels: Readonly<Record<string, string>>): boolean {
    return isLogged(labels, this.#context.selection)
  }

  #close(): void {
    this.#closing.abort()
    this.#changed()
    for (const log of this.#logs.values()) log.close()
  }
}

function ignoreUnavailable(error: unknown): void {
  if (!(error instanceof Failure && error.kind === 'unavailable')) throw error
}
