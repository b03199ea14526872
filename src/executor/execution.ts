import type { BuildTrace } from '../api/types/index.ts'
import { type Diagnostic, Failure, failure } from '../diagnostics/index.ts'
import { Turns } from '../linux/turns.ts'
import type { Service } from '../model/index.ts'
import type { ContainerRef, Guard, Operation, Plan, UpdatePart } from '../planner/index.ts'
import type { Docker, DockerContainer } from './docker.ts'
import type { BuildLines } from './operations/build-lines.ts'
import type { ExecuteOptions, Outcome } from './options.ts'
import type { StateWord } from './progress.ts'

/** What an operation tells of itself while it runs. */
export interface Report {
  readonly text: StateWord
  readonly status?: 'working' | 'done' | 'warning'
  readonly detail?: string
  readonly current?: number
  readonly total?: number
  readonly trace?: BuildTrace
}

/** Creations that are asked for in one piece: alone each costs a write and a read more. */
const ASKED_TOGETHER = 10

/** What one execution of a plan remembers; operations find in it what earlier ones have made. */
export class Execution {
  readonly plan: Plan
  readonly docker: Docker
  readonly options: ExecuteOptions
  readonly outcomes: Map<string, Outcome> = new Map()
  readonly warnings: Failure[] = []
  /** Replicas that could not be updated, by service. */
  readonly notUpdated: Map<string, Set<string>> = new Map()
  /** Why, of those that the update went on without. */
  readonly passedFailures: { readonly operation: Operation; readonly failure: Failure }[] = []
  /** What builds have said of the images that they fetch, by the one that said it first. */
  readonly buildStatuses: Map<string, BuildLines> = new Map()
  /** So that the first creations are asked for before the request of the last is made, and answers are heard between. */
  readonly turns: Turns = new Turns(ASKED_TOGETHER)
  /** Ids of containers by the operation that created them. */
  readonly #created = new Map<string, string>()
  /** Digests of images that were pulled, built or looked up. */
  readonly #digests = new Map<string, Promise<string | undefined>>()

  constructor(plan: Plan, docker: Docker, options: ExecuteOptions) {
    this.plan = plan
    this.docker = docker
    this.options = options
    if (plan.operations.some(({ type }) => type === 'pullImage' || type === 'buildImage')) return
    for (const [reference, { digest }] of Object.entries(options.images ?? {}))
      this.rememberDigest(reference, digest)
  }

  /** The container that the plan means: the one that was created if it was, else the one that was there. */
  idOf(ref: ContainerRef): string {
    const id = (ref.createdBy === undefined ? undefined : this.#created.get(ref.createdBy)) ?? ref.id
    if (id !== undefined) return id
    throw failure({ code: 'PLAN_REFERENCE_UNRESOLVED', summary: `no operation created "${ref.name}"` })
  }

  container(ref: ContainerRef): DockerContainer {
    return this.docker.getContainer(this.idOf(ref))
  }

  rememberContainer(operation: string, id: string): void {
    this.#created.set(operation, id)
  }

  createdId(operation: string): string | undefined {
    return this.#created.get(operation)
  }

  rememberDigest(reference: string, digest: string): void {
    this.#digests.set(reference, Promise.resolve(digest))
  }

  /** Digest of a local image, asked for once, by however many are made of it at the same time. */
  digestOf(reference: string): Promise<string | undefined> {
    const known = this.#digests.get(reference)
    if (known !== undefined) return known
    const asked = this.#askDigest(reference)
    this.#digests.set(reference, asked)
    const forget = (): void => {
      if (this.#digests.get(reference) === asked) this.#digests.delete(reference)
    }
    // One that is not there may come.
    asked.then(digest => digest === undefined && forget(), forget)
    return asked
  }

  async #askDigest(reference: string): Promise<string | undefined> {
    try {
      return (await this.docker.getImage(reference).inspect()).Id
    } catch (error) {
      if (error instanceof Failure && error.kind === 'notFound') return undefined
      throw error
    }
  }

  /** True when an image of the guard is another one now; all that may change it has been executed by then. */
  async isGuardOpen(guard: Guard): Promise<boolean> {
    for (const { reference, from } of guard.imageChanged)
      if ((await this.digestOf(reference)) !== from) return true
    return false
  }

  /** The service of the file, selected or not. */
  serviceNamed(name: string): Service | undefined {
    const { project } = this.options
    return project?.model.services[name] ?? project?.disabledServices[name]
  }

  /** Notes that an operation of an update has failed; true if the rest of it goes on. */
  failUpdate({ service, replica, tolerates }: UpdatePart): boolean {
    const failed = this.notUpdated.get(service) ?? new Set()
    this.notUpdated.set(service, failed.add(replica))
    return failed.size <= tolerates
  }

  /** Whether an earlier operation of the same replica's update has failed. */
  isLeftOut({ update }: Operation): boolean {
    return update !== undefined && this.notUpdated.get(update.service)?.has(update.replica) === true
  }

  warn(diagnostic: Diagnostic): void {
    this.warnings.push(new Failure('invalidArgument', [{ ...diagnostic, severity: 'warning' }]))
  }
}

/** One operation's way to what it needs. */
export interface OperationContext {
  readonly execution: Execution
  readonly report: (report: Report) => void
}

/** Executes one kind of operation. */
export type Executor<T extends Operation['type']> = (
  operation: Extract<Operation, { readonly type: T }>,
  context: OperationContext,
) => Promise<void>
