import { setTimeout } from 'node:timers/promises'
import { Failure } from '../../diagnostics/index.ts'
import type { Hook } from '../../model/index.ts'
import { planRestart, planUp } from '../../planner/index.ts'
import type { ConnectedProject } from '../connected-project.ts'
import { nameOf, serviceOf } from '../containers.ts'
import { ProjectFailure } from '../failures.ts'
import { runExclusively, type WorkOptions } from '../run-plan.ts'
import type { WatchEvent } from './events.ts'
import type { Replicas } from './replicas.ts'
import { runInContainer } from './run-in-container.ts'

/** Milliseconds that further changes are waited for: a checkout must not rebuild twice. */
const QUIET = 100

export interface HeavyOptions {
  /** Remove images that a rebuild has left without a name. */
  readonly prune: boolean
  /** Does a rebuild or a restart with what shows it. */
  readonly perform: <T>(work: (options: WorkOptions) => Promise<T>) => Promise<T>
  readonly signal: AbortSignal
  readonly onEvent: (event: WatchEvent) => void
}

/** Rebuilds, restarts and commands: one after the other, beside the copying, each once for all that asked for it meanwhile. */
export class HeavyWork {
  readonly #connected: ConnectedProject
  readonly #replicas: Replicas
  readonly #options: HeavyOptions
  #rebuild = new Set<string>()
  #restart = new Set<string>()
  #execs = new Map<Hook, string>()
  #running: Promise<void> | undefined

  constructor(connected: ConnectedProject, replicas: Replicas, options: HeavyOptions) {
    this.#connected = connected
    this.#replicas = replicas
    this.#options = options
  }

  rebuild(service: string): void {
    this.#rebuild.add(service)
    this.#start()
  }

  restart(service: string): void {
    this.#restart.add(service)
    this.#start()
  }

  exec(service: string, hook: Hook): void {
    this.#execs.set(hook, service)
    this.#start()
  }

  /** Resolves when nothing is under way. */
  async ended(): Promise<void> {
    await this.#running
  }

  #start(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  async #run(): Promise<void> {
    while (this.#rebuild.size + this.#restart.size + this.#execs.size > 0) {
      await setTimeout(QUIET)
      if (this.#options.signal.aborted) return
      const [rebuilt, restarted, execs] = [this.#rebuild, this.#restart, this.#execs]
      this.#rebuild = new Set()
      this.#restart = new Set()
      this.#execs = new Map()
      if (rebuilt.size > 0) await this.#try(() => this.#rebuildNow([...rebuilt]))
      const others = [...restarted].filter(service => !rebuilt.has(service))
      if (others.length > 0) await this.#try(() => this.#restartNow(others))
      for (const [hook, service] of execs) await this.#try(() => this.#execNow(service, hook))
    }
  }

  /** What fails is told, and the watch goes on. */
  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (this.#options.signal.aborted) return
      if (!(error instanceof Failure || error instanceof ProjectFailure)) throw error
      this.#options.onEvent({ type: 'problem', diagnostics: error.diagnostics })
    }
  }

  /** As many containers as there are stay: somebody may have scaled the service. */
  async #rebuildNow(services: readonly string[]): Promise<void> {
    const { onEvent, prune, perform } = this.#options
    const { docker, project } = this.#connected
    onEvent({ type: 'rebuilding', services })
    const running = (await this.#replicas.list(new Set(services))).map(serviceOf)
    const scale = Object.fromEntries(
      services
        .map(service => [service, running.filter(other => other === service).length] as const)
        .filter(([, count]) => count > 0),
    )
    const options = { services, scale, noDeps: true, build: 'always' as const, now: Date.now() }
    await perform(work =>
      runExclusively(
        this.#connected,
        'tscompose watch',
        observed => planUp(project, observed, options),
        work,
      ),
    )
    onEvent({ type: 'rebuilt', services })
    const label = [`com.docker.compose.project=${project.name}`]
    if (prune) await docker.pruneImages({ filters: { dangling: ['true'], label } })
  }

  async #restartNow(services: readonly string[]): Promise<void> {
    const { project } = this.#connected
    await this.#options.perform(work =>
      runExclusively(
        this.#connected,
        'tscompose watch',
        observed => planRestart(project, observed, { services }),
        work,
      ),
    )
    this.#options.onEvent({ type: 'restarted', services })
  }

  async #execNow(service: string, hook: Hook): Promise<void> {
    const { onEvent } = this.#options
    for (const container of await this.#replicas.list(new Set([service]))) {
      if (container.State !== 'running') continue
      const name = nameOf(container)
      const onLine = (line: string): void => onEvent({ type: 'output', container: name, line })
      const status = await runInContainer(this.#connected.docker, container.Id, hook, onLine)
      if (status === 0) continue
      const summary = `the command of sync+exec in container "${name}" ended with status ${status}`
      onEvent({ type: 'problem', diagnostics: [{ severity: 'error', code: 'WATCH_EXEC', summary }] })
    }
  }
}
