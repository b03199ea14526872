import { setTimeout as delay } from 'node:timers/promises'
import type { NodeInspect, ServiceInspect } from '../../api/types/index.ts'
import type { Docker } from '../../client/index.ts'
import { serviceKey, taskName } from '../../deploy/swarm/operations/task-words.ts'
import { type Diagnostic, Failure, failure, messageOf } from '../../diagnostics/index.ts'
import type { DeployedLogsRequest } from '../cluster/cluster.ts'
import { ProjectFailure } from '../failures.ts'
import type { LogSink } from '../logs/log-sink.ts'
import { ServiceLog } from './service-log.ts'

/** Milliseconds between two looks for services that came later. */
const LOOK = 2_000

/** Whose logs are read, and how often it is asked who that is. */
export interface LoggedStack {
  readonly docker: Docker
  readonly stack: string
  /** Services that are wanted of those that are there. */
  readonly list: () => Promise<readonly ServiceInspect[]>
}

/**
 * The logs of services of a stack. Followed, they are those of services and tasks that come later, too, until the signal, or until no
 * service is left. What cannot be had is told when the rest has been read. Errors: ProjectFailure with SWARM_LOGS, ENGINE_UNREACHABLE.
 */
export async function readStackLogs(
  logged: LoggedStack,
  request: DeployedLogsRequest,
  sink: LogSink,
  signal?: AbortSignal,
): Promise<void> {
  const problems: Diagnostic[] = []
  const reading = new Map<string, Reading>()
  const broken = new AbortController()
  const ending = AbortSignal.any([broken.signal, ...(signal === undefined ? [] : [signal])])
  const read = (service: ServiceInspect): Reading => {
    const gone = new AbortController()
    const log = readServiceLogs(logged, service, request, sink, AbortSignal.any([ending, gone.signal]))
    const ended = log.catch(error => {
      if (!(error instanceof Failure)) throw error
      problems.push(...error.diagnostics)
      // Who follows is told at once that something is missing from now on.
      if (request.follow === true) broken.abort()
    })
    return { ended, end: () => gone.abort() }
  }
  for (;;) {
    const services = await logged.list()
    for (const service of services) if (!reading.has(service.ID)) reading.set(service.ID, read(service))
    if (request.follow !== true) break
    // A manager does not end the log of a service that was removed.
    for (const [id, { end }] of reading) if (!services.some(({ ID }) => ID === id)) end()
    if (services.length === 0) break
    await delay(LOOK, undefined, { signal: ending }).catch(() => undefined)
    if (ending.aborted) break
  }
  await Promise.all([...reading.values()].map(({ ended }) => ended))
  if (problems.length > 0) throw new ProjectFailure(problems)
}

/** A log that is being read. */
interface Reading {
  readonly ended: Promise<void>
  readonly end: () => void
}

async function readServiceLogs(
  { docker, stack }: LoggedStack,
  service: ServiceInspect,
  request: DeployedLogsRequest,
  sink: LogSink,
  signal: AbortSignal,
): Promise<void> {
  const { follow = false, tail, since } = request
  const names = new TaskNames(docker, service, stack)
  const isTerminal = service.Spec.TaskTemplate?.ContainerSpec?.TTY === true
  const log = new ServiceLog(task => names.of(task), isTerminal, request, sink)
  try {
    const answer = await docker.getService(service.ID).openLogs({
      follow,
      stdout: true,
      stderr: true,
      // Each message says of which task it is, and when it was written.
      details: true,
      timestamps: true,
      abortSignal: signal,
      ...(tail === undefined ? {} : { tail: String(tail) }),
      ...(since === undefined ? {} : { since: String(since) }),
    })
    for await (const chunk of answer) await log.take(chunk as Buffer)
  } catch (error) {
    if (!signal.aborted) throw told(error, names.key)
  } finally {
    await log.end()
  }
}

/** What became of a log, with whose it is. */
function told(error: unknown, key: string): Failure {
  const isOfManager = error instanceof Failure && error.code === 'STREAM_ERROR'
  if (error instanceof Failure && !isOfManager) return error
  if (isOfManager)
    return failure({
      code: 'SWARM_LOGS',
      kind: 'unavailable',
      summary: `the manager does not have all of the logs of "${key}": ${error.message}`,
      hint: 'what has come was shown; nodes that are gone keep theirs until they are back',
      cause: error,
    })
  return failure({
    code: 'ENGINE_UNREACHABLE',
    kind: 'unavailable',
    summary: `the connection to the manager broke off over the logs of "${key}": ${messageOf(error)}`,
    hint: 'go on from where it was: --since',
    cause: error,
  })
}

/** Names of tasks by their ids; when one is not known, all are asked for again. */
class TaskNames {
  readonly key: string
  readonly #docker: Docker
  readonly #service: string
  readonly #known = new Map<string, string>()
  #nodes: Promise<readonly NodeInspect[]> | undefined

  constructor(docker: Docker, service: ServiceInspect, stack: string) {
    this.#docker = docker
    this.#service = service.ID
    this.key = serviceKey(stack, service.Spec.Name ?? '')
  }

  async of(id: string): Promise<string> {
    if (!this.#known.has(id)) await this.#ask().catch(unlessGone)
    const name = this.#known.get(id) ?? this.key
    this.#known.set(id, name)
    return name
  }

  async #ask(): Promise<void> {
    this.#nodes ??= this.#docker.listNodes({})
    const [tasks, nodes] = await Promise.all([
      this.#docker.listTasks({ filters: { service: [this.#service] } }),
      this.#nodes,
    ])
    for (const task of tasks) {
      const node = nodes.find(({ ID }) => ID === task.NodeID)?.Description.Hostname
      this.#known.set(task.ID, `${taskName(task, this.key)}${node === undefined ? '' : `@${node}`}`)
    }
  }
}

/** A service that was removed has tasks no more; its last lines come all the same. */
function unlessGone(error: unknown): void {
  if (!(error instanceof Failure) || error.kind !== 'notFound') throw error
}
