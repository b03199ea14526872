import type { Docker } from '../../../client/index.ts'
import type { Project } from '../../../model/index.ts'
import type { LogPrinter } from '../../views/log-printer.ts'
import { logName } from '../../views/log-printer.ts'
import { demultiplexer } from '../../views/output-stream.ts'
import type { AttachOptions } from './options.ts'

export interface FollowerOptions {
  readonly docker: Docker
  readonly project: Project
  readonly printer: LogPrinter
  readonly attach: AttachOptions
  /** Services named on the command line; empty = all. */
  readonly services: readonly string[]
}

/** How an attached `up` came to its end by itself. */
export interface AttachedOutcome {
  readonly exitCode: number
  readonly stopOthers: boolean
}

interface Followed {
  readonly id: string
  readonly name: string
  readonly service: string
  /** Its output is printed; others are watched only. */
  readonly shown: boolean
  running: boolean
}

const SERVICE = 'com.docker.compose.service'

/** Prints the output of the project's containers and watches for their end, restarts included. */
export class LogFollower {
  readonly #options: FollowerOptions
  readonly #followed = new Map<string, Followed>()
  readonly #closing = new AbortController()
  #settle: (outcome: AttachedOutcome) => void = () => undefined
  readonly #ended: Promise<AttachedOutcome>
  #complete = false
  #events: Promise<void> | undefined

  constructor(options: FollowerOptions) {
    this.#options = options
    this.#ended = new Promise(resolve => {
      this.#settle = resolve
    })
  }

  /** Attaches to a container that is about to start: from here on no line is lost. */
  async attach(container: {
    readonly id: string
    readonly name: string
    readonly service: string
  }): Promise<void> {
    this.#events ??= this.#watch()
    await this.#events
    if (this.#followed.has(container.id)) return
    const followed = {
      ...container,
      name: this.#nameOf(container.name),
      shown: this.#isShown(container.service),
      running: true,
    }
    this.#followed.set(container.id, followed)
    if (followed.shown) await this.#open(followed, false)
  }

  /** Attaches to those that ran before; from now on an end of the last one ends `up`. */
  async attachRunning(): Promise<void> {
    const { docker, project, services } = this.#options
    const running = await docker.listContainers({
      filters: { label: [`com.docker.compose.project=${project.name}`, 'com.docker.compose.oneoff=False'] },
    })
    for (const { Id, Names, Labels } of running) {
      const service = Labels[SERVICE] ?? ''
      if (services.length > 0 && !services.includes(service)) continue
      await this.attach({ id: Id, name: Names[0] ?? Id, service })
    }
    this.#complete = true
    this.#checkEnd(0)
  }

  /** Resolves when every container has ended for good, or one whose end ends all. */
  ended(): Promise<AttachedOutcome> {
    return this.#ended
  }

  async close(): Promise<void> {
    this.#closing.abort()
    for (const { name } of this.#followed.values()) this.#options.printer.end(name)
  }

  #isShown(service: string): boolean {
    const { attach, project, services } = this.#options
    if (attach.only.length > 0) return attach.only.includes(service)
    if (attach.except.includes(service)) return false
    if (services.length > 0 && !attach.dependencies && !services.includes(service)) return false
    return services.includes(service) || project.model.services[service]?.attach !== false
  }

  #nameOf(name: string): string {
    return logName(name, this.#options.project.name)
  }

  /** `resumed`: it was attached before; only what came since its new start is wanted. */
  async #open(followed: Followed, resumed: boolean): Promise<void> {
    const container = this.#options.docker.getContainer(followed.id)
    const { Config, State } = await container.inspect()
    const stream = resumed
      ? await container.logs({
          follow: true,
          stdout: true,
          stderr: true,
          since: unixSeconds(State.StartedAt),
        })
      : await container.attach({ stream: true, stdout: true, stderr: true })
    this.#closing.signal.addEventListener('abort', () => stream.destroy(), { once: true })
    const push = demultiplexer(Config.Tty === true, (kind, bytes) =>
      this.#options.printer.write(followed.name, kind, bytes),
    )
    stream.on('data', push)
  }

  /** Listens to the project's events; resolves as soon as the engine sends them. */
  async #watch(): Promise<void> {
    const { docker, project } = this.#options
    const stream = await docker.getEvents({
      filters: { type: ['container'], label: [`com.docker.compose.project=${project.name}`] },
    })
    this.#closing.signal.addEventListener('abort', () => stream.destroy(), { once: true })
    let rest = ''
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line.trim() !== '') void this.#onEvent(JSON.parse(line))
    })
    stream.on('error', () => this.#settle({ exitCode: 1, stopOthers: false }))
    stream.on('close', () => this.#settle({ exitCode: 1, stopOthers: false }))
  }

  async #onEvent(event: {
    Action?: string
    Actor?: { ID?: string; Attributes?: Record<string, string> }
  }): Promise<void> {
    const followed = this.#followed.get(event.Actor?.ID ?? '')
    if (followed === undefined) return
    if (event.Action === 'start' && !followed.running) {
      followed.running = true
      if (followed.shown) await this.#open(followed, true)
    }
    if (event.Action === 'die')
      await this.#onDie(followed, Number(event.Actor?.Attributes?.['exitCode'] ?? 0))
    if (event.Action === 'destroy') {
      this.#followed.delete(followed.id)
      this.#checkEnd(0)
    }
  }

  async #onDie(followed: Followed, exitCode: number): Promise<void> {
    const { printer, docker, attach } = this.#options
    followed.running = false
    const state = await docker
      .getContainer(followed.id)
      .inspect()
      .catch(() => undefined)
    const restarting = state?.State.Restarting === true || state?.State.Running === true
    printer.end(followed.name)
    if (followed.shown)
      printer.status(followed.name, `exited with code ${exitCode}${restarting ? ' (restarting)' : ''}`)
    if (restarting) return
    const decides = attach.exitCodeFrom === undefined || attach.exitCodeFrom === followed.service
    if (attach.abortOn === 'any' || (attach.abortOn === 'failed' && exitCode !== 0)) {
      if (decides) this.#settle({ exitCode, stopOthers: true })
      return
    }
    this.#checkEnd(0)
  }

  #checkEnd(exitCode: number): void {
    const left = [...this.#followed.values()].some(followed => followed.running)
    if (this.#complete && !left) this.#settle({ exitCode, stopOthers: false })
  }
}

function unixSeconds(time: string): number {
  return Date.parse(time) / 1000
}
