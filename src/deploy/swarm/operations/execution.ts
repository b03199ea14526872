import type { AuthConfig, ServiceSpec, TaskInspect } from '../../../api/types/index.ts'
import { Failure, failure } from '../../../diagnostics/index.ts'
import type { ObservedStack } from '../plan/observed.ts'
import { withFiles } from '../plan/versions.ts'
import type { SwarmEngine } from './engine.ts'
import { TaskWatch } from './task-watch.ts'

export interface ExecutionOptions {
  /** Credentials for an image's registry, which nodes get along. */
  readonly authOf?: (image: string) => Promise<AuthConfig | undefined>
  /** The last lines of the log of a task that has failed; none where they are not to be had. */
  readonly lastLinesOf?: (task: TaskInspect) => Promise<readonly string[]>
  /** Nobody waits for tasks. */
  readonly detach?: boolean
  /** Milliseconds that tasks have to run; absent: as long as it takes, or until they have failed for good. */
  readonly waitTimeout?: number
  /** A key for the digest of a secret. */
  readonly makeKey: () => string
  readonly signal?: AbortSignal
}

/** What one execution of a plan remembers. */
export class SwarmExecution {
  readonly engine: SwarmEngine
  readonly options: ExecutionOptions
  readonly watch: TaskWatch
  readonly observed: ObservedStack
  /** Ids of configs and secrets, by kind and name. */
  readonly #files = new Map<string, string>()

  constructor(engine: SwarmEngine, observed: ObservedStack, options: ExecutionOptions) {
    this.engine = engine
    this.options = options
    this.observed = observed
    this.watch = new TaskWatch(engine, observed.name, options.signal)
    for (const { ID, Spec } of observed.configs) this.rememberFile('config', Spec.Name ?? '', ID)
    for (const { ID, Spec } of observed.secrets) this.rememberFile('secret', Spec.Name ?? '', ID)
  }

  rememberFile(kind: 'config' | 'secret', name: string, id: string): void {
    this.#files.set(`${kind} ${name}`, id)
  }

  /** A service with the ids of its configs and secrets, which a manager wants beside their names. */
  withIds(wanted: ServiceSpec): ServiceSpec {
    return withFiles(wanted, {
      config: use => ({ ...use, ConfigID: this.#idOf('config', use.ConfigName) }),
      secret: use => ({ ...use, SecretID: this.#idOf('secret', use.SecretName) }),
    })
  }

  #idOf(kind: 'config' | 'secret', name = ''): string {
    const id = this.#files.get(`${kind} ${name}`)
    if (id !== undefined) return id
    throw failure({ code: 'PLAN_REFERENCE_UNRESOLVED', summary: `no operation created ${kind} "${name}"` })
  }
}

/** Whether somebody else has changed the thing since it was looked at. */
export function isOvertaken(error: unknown): boolean {
  return error instanceof Failure && /out of sequence/i.test(error.message)
}

/** Whether somebody else has made a thing of that name since it was looked for. */
export function isTaken(error: unknown): boolean {
  return (
    error instanceof Failure &&
    (error.kind === 'conflict' || /already exists|name conflicts/i.test(error.message))
  )
}

/** Whether a service was refused since somebody has removed a network of it: a node may have it in its list for a moment longer. */
export function isWithoutNetwork(error: unknown): boolean {
  return error instanceof Failure && /network \S+ not found/i.test(error.message)
}

/** Whether the thing is not there any more. */
export function isGone(error: unknown): boolean {
  return error instanceof Failure && error.kind === 'notFound'
}

const REFUSALS: ReadonlySet<string> = new Set([
  'ENGINE_INVALID_ARGUMENT',
  'ENGINE_NOT_FOUND',
  'ENGINE_CONFLICT',
  'ENGINE_NOT_IMPLEMENTED',
  'ENGINE_INTERNAL',
])

/** Whether the manager has answered that it does not do what it was asked for; one that does not answer fails with another code. */
export function isRefusal(error: unknown): error is Failure {
  return error instanceof Failure && REFUSALS.has(error.code)
}
