import type { ContainerInspect } from '../../api/types/index.ts'
import { Failure, failure } from '../../diagnostics/index.ts'
import type { ContainerRef, Operation, WatchContainer } from '../../planner/index.ts'
import { poll } from '../delay.ts'
import type { DockerContainer } from '../docker.ts'
import type { Execution, Executor, OperationContext } from '../execution.ts'
import { withLastOutput } from '../last-output.ts'
import { tolerate } from '../tolerate.ts'

/** How long a container without a health check must have run, in milliseconds: most that cannot run end sooner, and Docker's swarm waits as long. */
const MONITOR = 5_000

/** How long one may take to listen where the one before does, in milliseconds. */
const LISTEN_PATIENCE = 60_000

/** What an update has beside the operations that others have as well. */
export async function executeOfUpdate(
  operation: Extract<
    Operation,
    { type: 'watchContainer' | 'relieveContainer' | 'drainContainer' | 'awaitDelay' }
  >,
  context: OperationContext,
): Promise<void> {
  switch (operation.type) {
    case 'watchContainer':
      return watchContainer(operation, context)
    case 'relieveContainer':
      return relieveContainer(operation, context)
    case 'drainContainer':
      return drainContainer(operation, context)
    case 'awaitDelay':
      return awaitDelay(operation, context)
  }
}

/** Looks at a new container until it counts as updated, or has shown that it never will. */
const watchContainer: Executor<'watchContainer'> = async (operation, { execution }) => {
  const container = execution.container(operation.container)
  let first: { readonly restarts: number; readonly at: number } | undefined
  const look = async (): Promise<true | undefined> => {
    const inspect = await container.inspect()
    first ??= { restarts: inspect.RestartCount, at: performance.now() }
    checkRuns(operation, inspect, first.restarts)
    const health = inspect.State.Health?.Status ?? 'none'
    const { monitor = health === 'none' ? MONITOR : 0 } = operation
    return health !== 'starting' && performance.now() - first.at >= monitor ? true : undefined
  }
  await withLastOutput(container, () => poll(look, execution.options.signal))
}

/** CONTAINER_EXITED, CONTAINER_RESTARTING, CONTAINER_UNHEALTHY. */
function checkRuns(
  { container: { name }, serviceName }: Pick<WatchContainer, 'container' | 'serviceName'>,
  { State, RestartCount }: ContainerInspect,
  restarts: number,
): void {
  const problem = (code: string, what: string, detail?: string): Failure =>
    failure({
      kind: 'unavailable',
      code,
      summary: `the new container of ${name} ${what}`,
      ...(detail === undefined || detail === '' ? {} : { detail }),
      hint: `the one before is left as it is; correct service "${serviceName}" and run up again`,
    })
  if (State.Status === 'exited' || State.Status === 'dead')
    throw problem('CONTAINER_EXITED', `exited (${State.ExitCode})`)
  if (State.Status === 'restarting' || RestartCount > restarts)
    throw problem('CONTAINER_RESTARTING', `exited (${State.ExitCode}), and was started again`)
  const { Health: health } = State
  if (health?.Status === 'unhealthy')
    throw problem('CONTAINER_UNHEALTHY', 'is unhealthy', health.Log?.at(-1)?.Output.trim())
}

/** Moves names and ports to it, as soon as it listens where the one before does. Never broken off halfway: what is withdrawn has not relieved anybody. */
const relieveContainer: Executor<'relieveContainer'> = async ({ container }, { execution }) => {
  const target = execution.container(container)
  const end = performance.now() + LISTEN_PATIENCE
  const look = async (): Promise<true | undefined> => {
    try {
      await target.relieve()
      return true
    } catch (error) {
      const isEarly = error instanceof Failure && error.code === 'RELIEF_NOT_LISTENING'
      if (!isEarly || performance.now() > end) throw error
      return undefined
    }
  }
  await withLastOutput(target, () => poll(look, execution.options.signal))
}

/** One that has stopped, or is gone, has nobody connected. One whose reliever fails meanwhile serves again, if it still can: CONTAINER_EXITED and the like. */
const drainContainer: Executor<'drainContainer'> = async (operation, { execution }) => {
  const { container, timeout, reliever } = operation
  const { signal } = execution.options
  const over = new AbortController()
  const abortSignal = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal])
  const old = execution.container(container)
  const drained = tolerate(
    ['notFound'],
    old.drain({ ...(timeout === undefined ? {} : { t: timeout }), abortSignal }),
  )
  if (reliever === undefined) return drained
  const next = execution.container(reliever.container)
  const look = await failureOf(next, reliever)
  try {
    const problem = await Promise.race([drained.then(look), poll(look, abortSignal)])
    if (problem === undefined || !(await isWell(old))) return
    // With it gone names and ports are those of the one before.
    await withLastOutput(next, () => Promise.reject(problem)).finally(() =>
      next.remove({ force: true, v: false }),
    )
  } finally {
    over.abort()
  }
}

/** Looks whether a container fails from now on, and how. */
async function failureOf(
  container: DockerContainer,
  of: Pick<WatchContainer, 'container' | 'serviceName'>,
): Promise<() => Promise<Failure | undefined>> {
  const { RestartCount: before } = await container.inspect()
  return async () => {
    try {
      checkRuns(of, await container.inspect(), before)
      return undefined
    } catch (error) {
      if (error instanceof Failure) return error
      throw error
    }
  }
}

async function isWell(container: DockerContainer): Promise<boolean> {
  try {
    const { State } = await container.inspect()
    return State.Status === 'running' && State.Health?.Status !== 'unhealthy'
  } catch (error) {
    if (error instanceof Failure && error.kind === 'notFound') return false
    throw error
  }
}

/** Lets the time pass that is to lie between two groups of replicas. */
const awaitDelay: Executor<'awaitDelay'> = async ({ milliseconds }, { execution }) => {
  const end = performance.now() + milliseconds
  await poll(async () => (performance.now() >= end ? true : undefined), execution.options.signal)
}

/** Removes the new container of an update that has failed, but for one that serves already. What fails of that is a warning. */
export async function withdraw(execution: Execution, ref: ContainerRef): Promise<void> {
  try {
    const container = execution.container(ref)
    const { TscomposeRelief } = await container.inspect({ TscomposeDrift: true })
    if (TscomposeRelief !== 'serving') await container.remove({ force: true, v: false })
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    if (error.kind !== 'notFound') execution.warnings.push(error)
  }
}
