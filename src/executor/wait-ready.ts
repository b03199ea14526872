import type { ContainerInspect } from '../api/types/index.ts'
import { Failure, failure } from '../diagnostics/index.ts'
import { buildGraph, upstreamOf } from '../graph/index.ts'
import type { Project } from '../model/index.ts'
import { LABEL } from '../planner/index.ts'
import { poll } from './delay.ts'
import type { Docker } from './docker.ts'
import { withLastOutput } from './last-output.ts'
import { exitText } from './oom-text.ts'
import type { WaitOptions } from './options.ts'
import type { ProgressEvent, StateWord } from './progress.ts'
import { watchRestarts } from './restarts.ts'

interface Target {
  readonly id: string
  readonly name: string
  readonly service: string
  /** Others need it to have completed: then that is what is waited for. */
  readonly isOneShot: boolean
}

/**
 * `up --wait`: until every service runs, or is healthy where it has a health check, or has completed where others need
 * that. Throws NOT_HEALTHY_IN_TIME, CONTAINER_UNHEALTHY, CONTAINER_EXITED,
 * CONTAINER_RESTARTING; of several failures the first.
 */
export async function waitReady(docker: Docker, project: Project, options: WaitOptions = {}): Promise<void> {
  const timeout = options.timeout === undefined ? undefined : AbortSignal.timeout(options.timeout)
  const stop = new AbortController()
  const signals = [stop.signal, timeout, options.signal].filter(signal => signal !== undefined)
  const signal = AbortSignal.any(signals)
  const targets = await findTargets(docker, project, options.services ?? [])
  try {
    await Promise.all(targets.map(target => waitFor(docker, target, signal, options)))
  } catch (error) {
    if (timeout?.aborted !== true || !(error instanceof Failure) || error.code !== 'INTERRUPTED') throw error
    throw failure({
      kind: 'unavailable',
      code: 'NOT_HEALTHY_IN_TIME',
      summary: `application not healthy after ${(options.timeout ?? 0) / 1000}s`,
      hint: 'see "ps" and "logs", or give it more time with --wait-timeout',
      cause: error,
    })
  } finally {
    // The other waits must not go on when one has failed.
    stop.abort()
  }
}

async function findTargets(docker: Docker, project: Project, named: readonly string[]): Promise<Target[]> {
  const wanted = waitedServices(project, named)
  const oneShots = new Set(
    // Those who need it may not be asked for now.
    Object.values({ ...project.disabledServices, ...project.model.services }).flatMap(service =>
      Object.entries(service.depends_on ?? {})
        .filter(([, { condition }]) => condition === 'service_completed_successfully')
        .map(([name]) => name),
    ),
  )
  const filters = { label: [`${LABEL.project}=${project.name}`, `${LABEL.oneOff}=False`] }
  const containers = await docker.listContainers({ all: true, filters })
  return containers.flatMap(({ Id, Names, Labels }) => {
    const service = Labels[LABEL.service] ?? ''
    if (!wanted.has(service)) return []
    const name = (Names[0] ?? Id).replace(/^\//, '')
    return [{ id: Id, name, service, isOneShot: oneShots.has(service) }]
  })
}

/** What `waitReady` waits for: the named services and what they depend on; all when none is named. */
export function waitedServices({ model }: Project, named: readonly string[]): ReadonlySet<string> {
  const { services } = model
  if (named.length === 0) return new Set(Object.keys(services))
  const vertices = Object.entries(services).map(([id, service]) => ({
    id,
    value: service,
    after: Object.keys(service.depends_on ?? {}).filter(name => services[name] !== undefined),
  }))
  return upstreamOf(buildGraph(vertices), named)
}

async function waitFor(
  docker: Docker,
  target: Target,
  signal: AbortSignal,
  options: WaitOptions,
): Promise<void> {
  const begun = performance.now()
  const emit = (text: StateWord, status: ProgressEvent['status'], more: Partial<ProgressEvent> = {}): void =>
    options.onEvent?.({
      operation: `wait:${target.name}`,
      resource: `Container ${target.name}`,
      kind: 'Container',
      name: target.name,
      status,
      text,
      ...more,
    })
  emit('Waiting', 'working')
  const elapsed = (): { elapsed: number } => ({ elapsed: performance.now() - begun })
  try {
    const container = docker.getContainer(target.id)
    const checkRestarts = watchRestarts(target.name, target.service)
    const look = async (): Promise<StateWord | undefined> => {
      const inspect = await container.inspect()
      const word = readyWord(target, inspect)
      if (word === undefined) checkRestarts(inspect)
      return word
    }
    const word = await withLastOutput(container, () => poll(look, signal))
    emit(word, 'done', elapsed())
  } catch (error) {
    if (error instanceof Failure)
      emit('Error', 'error', { detail: error.message, failure: error, ...elapsed() })
    throw error
  }
}

/** What the container has become; undefined while it is on its way; throws when it can not get there. */
function readyWord({ name, service, isOneShot }: Target, { State }: ContainerInspect): StateWord | undefined {
  const hasEnded = State.Status === 'exited' || State.Status === 'dead'
  if (hasEnded && isOneShot && State.ExitCode === 0) return 'Exited'
  if (hasEnded)
    throw failure({
      kind: 'unavailable',
      code: 'CONTAINER_EXITED',
      summary: `container ${name} ${exitText(State)}`,
      hint: `see all that it wrote: tscompose logs ${service}`,
    })
  if (isOneShot || State.Status !== 'running') return undefined
  const health = State.Health
  if (health === undefined || health.Status === 'none') return 'Running'
  if (health.Status === 'healthy') return 'Healthy'
  if (health.Status === 'starting') return undefined
  const output = health.Log?.at(-1)?.Output.trim()
  throw failure({
    kind: 'unavailable',
    code: 'CONTAINER_UNHEALTHY',
    summary: `container ${name} is unhealthy`,
    ...(output === undefined || output === '' ? {} : { detail: `last probe: ${output}` }),
    hint: `see all that it wrote: tscompose logs ${service}`,
  })
}
