import type { Docker } from '../../client/index.ts'
import { Failure } from '../../diagnostics/index.ts'
import { oomText } from '../../executor/oom-text.ts'
import type { Project } from '../../model/index.ts'
import { type ContainerEvent, watchContainerEvents } from '../container-events.ts'
import { logName } from '../containers.ts'
import type { LogGap } from '../logs/container-log.ts'
import type { LogSink } from '../logs/log-sink.ts'
import { isUnavailable, overEngines } from '../over-engines.ts'
import { ContainerOutput } from './container-output.ts'
import type { AttachOptions } from './options.ts'

export interface FollowerOptions {
  readonly docker: Docker
  readonly project: Project
  readonly printer: LogSink
  readonly attach: AttachOptions
  /** Services named on the command line; empty = all. */
  readonly services: readonly string[]
  /** Starts a new engine when the one that was asked has died; containers do not notice. */
  readonly reconnect: () => Promise<unknown>
  /** Lines of a container are missing, since its log was rotated. */
  readonly onGap: (name: string, gap: LogGap) => void
}

/** How an attached `up` came to its end by itself: all have ended, or one whose end ends the rest. */
export type AttachedEnd = 'all ended' | 'stop others'

interface Followed {
  readonly id: string
  readonly name: string
  readonly service: string
  /** Absent: it is watched only. */
  readonly output?: ContainerOutput
  running: boolean
  /** It has ended for good, as far as is known; one that waits for its restart neither runs nor is over. */
  over: boolean
  /** Its events are worked on one after the other. */
  work: Promise<void>
}

type Container = Pick<Followed, 'id' | 'name' | 'service'>

const SERVICE = 'com.docker.compose.service'

/** Milliseconds that are waited for a stream's end after its container's: one that restarts may keep its stream. */
const DRAIN = { ended: 2_000, restarting: 50 } as const

/** Prints the output of the project's containers and watches for their end, restarts included. */
export class LogFollower {
  readonly #options: FollowerOptions
  readonly #followed = new Map<string, Followed>()
  readonly #closing = new AbortController()
  readonly #ended: Promise<AttachedEnd>
  #settle: (end: AttachedEnd) => void = () => undefined
  #fail: (error: unknown) => void = () => undefined
  #watching: Promise<void> | undefined
  #isComplete = false
  /** What is replacing containers now: their ends are not ends of the project. */
  #replacing = 0
  /** Statuses by service, the first exit alone; in the order of the exits. */
  readonly #exits = new Map<string, number>()
  readonly #onStopped = new Set<() => void>()

  constructor(options: FollowerOptions) {
    this.#options = options
    this.#ended = new Promise((resolve, reject) => {
      this.#settle = resolve
      this.#fail = reject
    })
    // It is looked at only when the containers are started; a failure until then is no unhandled one.
    this.#ended.catch(() => undefined)
  }

  /** Names the containers that will be shown before their first lines: sorted, as wide as the widest, each its colour. */
  announce(containers: readonly Pick<Followed, 'name' | 'service'>[]): readonly string[] {
    const names = containers
      .filter(({ service }) => this.#isShown(service))
      .map(({ name }) => this.#nameOf(name))
    for (const name of names) this.#options.printer.register(name)
    return names
  }

  /** Attaches to a container that is about to start: from here on no line is lost. */
  async attach({ id, name, service }: Container): Promise<void> {
    this.#watching ??= this.#watch()
    await this.#watching
    if (this.#followed.has(id)) return
    const container = { id, name: this.#nameOf(name), service }
    const { docker, printer, reconnect, onGap } = this.#options
    const onError = (error: unknown): void => this.#onError(error)
    const output = this.#isShown(service)
      ? new ContainerOutput({ docker, container, printer, reconnect, onGap, onError })
      : undefined
    const followed = { ...container, running: true, over: false, work: Promise.resolve() }
    this.#followed.set(id, output === undefined ? followed : { ...followed, output })
    await output?.attach()
  }

  /** A line of a hook in a container that is shown, as Docker Compose shows it. */
  hookOutput(container: string, line: string): void {
    const name = this.#nameOf(container)
    const isShown = [...this.#followed.values()].some(each => each.name === name && each.output !== undefined)
    if (isShown) this.#options.printer.lines(`${name} -> `, 'stdout', [line])
  }

  /** Attaches to those that ran before; from now on an end of the last one ends `up`. */
  async attachRunning(): Promise<void> {
    await this.#overEngines(() => this.#attachRunning())
    this.#isComplete = true
    this.#checkEnd()
  }

  async #attachRunning(): Promise<void> {
    const { docker, project } = this.#options
    const label = [`com.docker.compose.project=${project.name}`, 'com.docker.compose.oneoff=False']
    for (const { Id, Names, Labels } of await docker.listContainers({ filters: { label } })) {
      const service = Labels[SERVICE] ?? ''
      if (this.#isWatched(service)) await this.attach({ id: Id, name: Names[0] ?? Id, service })
    }
  }

  /** Resolves when every container has ended for good, or one whose end ends all. */
  ended(): Promise<AttachedEnd> {
    return this.#ended
  }

  /** Does work that ends containers to start them, or others in their place: until it has ended, no end is one of the project. */
  async whileReplacing<T>(work: () => Promise<T>): Promise<T> {
    this.#replacing += 1
    try {
      return await work()
    } finally {
      this.#replacing -= 1
      this.#checkEnd()
    }
  }

  /** Resolves when all whose end counts have ended and their lines are printed. */
  stopped(): Promise<void> {
    return new Promise(resolve => {
      this.#onStopped.add(resolve)
      this.#checkEnd()
    })
  }

  /** The status of `up`: of the service that was named for it, else of the container that ended the rest, else 0. */
  exitStatus(end: AttachedEnd): number {
    const { exitCodeFrom, abortOn } = this.#options.attach
    if (exitCodeFrom !== undefined) return this.#exits.get(exitCodeFrom) ?? 0
    if (end === 'all ended') return 0
    const statuses = [...this.#exits.values()]
    return (abortOn === 'failed' ? statuses.find(status => status !== 0) : statuses[0]) ?? 0
  }

  close(): void {
    this.#closing.abort()
    for (const { output } of this.#followed.values()) output?.close()
  }

  #isShown(service: string): boolean {
    const { attach, project, services } = this.#options
    if (attach.only.length > 0) return attach.only.includes(service)
    if (attach.except.includes(service)) return false
    if (services.includes(service)) return true
    if (services.length > 0 && !attach.dependencies) return false
    return project.model.services[service]?.attach !== false
  }

  /** Its end counts: dependencies of named services go on when those have ended. */
  #isWatched(service: string): boolean {
    const { services, project } = this.#options
    return services.length > 0 ? services.includes(service) : project.model.services[service] !== undefined
  }

  #nameOf(name: string): string {
    return logName(name, this.#options.project.name)
  }

  #watch(): Promise<void> {
    const { docker, project } = this.#options
    return watchContainerEvents(docker, project.name, this.#closing.signal, {
      onEvent: event => this.#onEvent(event),
      onLost: () => this.#recover().catch(error => this.#onError(error)),
    })
  }

  /** The engine died: a new one knows everything; what was written and what ended in between is caught up with. */
  async #recover(): Promise<void> {
    await this.#overEngines(() => this.#watch(), 'reconnect first')
    for (const followed of this.#followed.values()) this.#enqueue(followed, () => this.#catchUp(followed))
  }

  async #catchUp(followed: Followed): Promise<void> {
    const { State } = await this.#options.docker.getContainer(followed.id).inspect()
    const isActive = State.Running || State.Restarting
    if (followed.over) {
      if (isActive) await this.#onStart(followed)
      return
    }
    followed.output?.goOn()
    followed.running = State.Running && !State.Restarting
    if (!isActive) await this.#onDie(followed, State.ExitCode)
  }

  async #overEngines(work: () => Promise<void>, begin?: 'reconnect first'): Promise<void> {
    const { reconnect } = this.#options
    if (begin !== undefined) await reconnect()
    const unlessClosed = async (): Promise<void> => {
      if (!this.#closing.signal.aborted) await work()
    }
    await overEngines(reconnect, unlessClosed)
  }

  /** A container that is gone has nothing more to say; anything else ends the following. */
  #onError(error: unknown): void {
    if (!(error instanceof Failure && error.kind === 'notFound')) this.#fail(error)
  }

  #onEvent({ action, id, exitCode = 0 }: ContainerEvent): void {
    const followed = this.#followed.get(id)
    if (followed === undefined) return
    this.#enqueue(followed, async () => {
      if (action === 'start' && !followed.running) await this.#onStart(followed)
      if (action === 'die') await this.#onDie(followed, exitCode)
      // Who stops one that waits for its restart hears of no exit.
      if (action === 'stop' && !followed.running) await this.#onStop(followed)
      if (action === 'destroy') {
        followed.running = false
        this.#followed.delete(id)
        this.#checkEnd()
      }
    })
  }

  /** A step that finds its engine gone is done with: the end of the events tells of that, and all is caught up with. */
  #enqueue(followed: Followed, step: () => Promise<void>): void {
    followed.work = followed.work.then(step).catch(error => {
      if (!isUnavailable(error)) this.#onError(error)
    })
  }

  async #onStart(followed: Followed): Promise<void> {
    followed.running = true
    followed.over = false
    await followed.output?.resume()
  }

  async #onStop(followed: Followed): Promise<void> {
    followed.over = !(await this.#stateOf(followed.id)).restarting
    this.#checkEnd()
  }

  async #onDie(followed: Followed, exitCode: number): Promise<void> {
    const { restarting, why } = await this.#stateOf(followed.id)
    await followed.output?.drained(restarting ? DRAIN.restarting : DRAIN.ended)
    if (followed.output !== undefined)
      this.#options.printer.status(
        followed.name,
        `exited with code ${exitCode}${restarting ? ' (restarting)' : ''}${why}`,
      )
    followed.running = false
    if (restarting) return
    followed.over = true
    if (this.#replacing > 0) return
    if (!this.#exits.has(followed.service)) this.#exits.set(followed.service, exitCode)
    const { abortOn } = this.#options.attach
    const aborts = abortOn === 'any' || (abortOn === 'failed' && exitCode !== 0)
    if (aborts && this.#isWatched(followed.service)) this.#settle('stop others')
    this.#checkEnd()
  }

  async #stateOf(id: string): Promise<{ readonly restarting: boolean; readonly why: string }> {
    try {
      const { State } = await this.#options.docker.getContainer(id).inspect()
      const restarting = State.Restarting === true || State.Running === true
      return { restarting, why: State.OOMKilled ? `, ${oomText(State.TscomposeOom)}` : '' }
    } catch (error) {
      if (error instanceof Failure && error.kind === 'notFound') return { restarting: false, why: '' }
      throw error
    }
  }

  #checkEnd(): void {
    const watched = [...this.#followed.values()].filter(({ service }) => this.#isWatched(service))
    if (watched.some(({ running }) => running)) return
    for (const resolve of this.#onStopped) resolve()
    if (this.#isComplete && this.#replacing === 0 && watched.every(({ over }) => over))
      this.#settle('all ended')
  }
}
