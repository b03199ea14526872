import type { HealthcheckResult } from '../../api/types/index.ts'
import { messageOf } from '../../diagnostics/index.ts'
import type { Container } from '../containers/container.ts'
import { publishContainerEvent } from '../containers/events.ts'
import type { EngineContext } from '../context.ts'
import { runExec } from '../exec/process.ts'
import { type HealthPlan, intervalOf, planOf } from './plan.ts'
import { afterResult, type HealthState } from './state.ts'

const MOST_OUTPUT = 4096
const SIGKILL = 9
/** Until the first success: the first look after 50 ms, then rarer, at least twice a second. */
const EAGER_FIRST = 50
const EAGER_GROWTH = 1.2
const EAGER_LONGEST = 500
/** After this time only the regular probes go on. */
const EAGER_UNTIL = 120_000

/**
 * Starts the probes of a container that has just started, if it has a health check. Beside the regular probes, which
 * follow Docker's rules, there are eager ones until the first success: their failures count for nothing, but a success
 * is told at once, so that dependents start milliseconds after the service is ready.
 */
export function startHealth(engine: EngineContext, container: Container): void {
  container.health?.stop()
  const plan = planOf(container.record.config)
  if (plan === undefined) {
    container.health = undefined
    return
  }
  const abort = new AbortController()
  const state: HealthState = { status: 'starting', failingStreak: 0, log: [], stop: () => abort.abort() }
  container.health = state
  void probeUntil(engine, container, plan, state, abort.signal).catch(error => {
    engine.warn({ severity: 'warning', code: 'HEALTH', summary: `${container.name}: ${messageOf(error)}` })
  })
}

async function probeUntil(
  engine: EngineContext,
  container: Container,
  plan: HealthPlan,
  state: HealthState,
  signal: AbortSignal,
): Promise<void> {
  // performance.now is monotonic: a jump of the wall clock neither delays nor hastens a probe.
  const begin = performance.now()
  let eagerDelay = EAGER_FIRST
  let regularAt = begin + intervalOf(plan, state.status, 0)
  while (!signal.aborted) {
    const now = performance.now()
    const eager = state.status === 'starting' && now - begin < EAGER_UNTIL && now + eagerDelay < regularAt
    await sleep(eager ? eagerDelay : Math.max(0, regularAt - now), signal)
    if (signal.aborted) return
    if (!container.paused) {
      const result = await probe(engine, container, plan, signal)
      if (signal.aborted) return
      if (!eager || result.ExitCode === 0) {
        const inStartPeriod = performance.now() - begin < plan.startPeriod
        apply(engine, container, state, result, { retries: plan.retries, inStartPeriod })
      }
    }
    if (eager && state.status === 'starting') eagerDelay = Math.min(eagerDelay * EAGER_GROWTH, EAGER_LONGEST)
    else regularAt = performance.now() + intervalOf(plan, state.status, performance.now() - begin)
  }
}

function apply(
  engine: EngineContext,
  container: Container,
  state: HealthState,
  result: HealthcheckResult,
  rules: { readonly retries: number; readonly inStartPeriod: boolean },
): void {
  const before = state.status
  Object.assign(state, afterResult(state, result, rules))
  if (state.status !== before) publishContainerEvent(engine, container, `health_status: ${state.status}`)
}

/** One probe; a command that cannot be run is a failed one, as with Docker. */
async function probe(
  engine: EngineContext,
  container: Container,
  plan: HealthPlan,
  signal: AbortSignal,
): Promise<HealthcheckResult> {
  const start = new Date().toISOString()
  try {
    const session = await runExec(engine, container, { argv: plan.argv }, { tty: false, stdin: false })
    const { exitCode, output } = await waitFor(session, plan.timeout, signal)
    return { Start: start, End: new Date().toISOString(), ExitCode: exitCode, Output: output }
  } catch (error) {
    return {
      Start: start,
      End: new Date().toISOString(),
      ExitCode: -1,
      Output: messageOf(error).slice(0, MOST_OUTPUT),
    }
  }
}

async function waitFor(
  session: Awaited<ReturnType<typeof runExec>>,
  timeout: number,
  signal: AbortSignal,
): Promise<{ exitCode: number; output: string }> {
  const chunks: Buffer[] = []
  let size = 0
  for (const stream of [session.stdout, session.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      if (size < MOST_OUTPUT) chunks.push(chunk.subarray(0, MOST_OUTPUT - size))
      size += chunk.length
    })
  }
  let timedOut = false
  const kill = (): void => session.signal(SIGKILL)
  const timer = setTimeout(() => {
    timedOut = true
    kill()
  }, timeout)
  signal.addEventListener('abort', kill, { once: true })
  const { exitCode } = await session.exited
  clearTimeout(timer)
  signal.removeEventListener('abort', kill)
  if (timedOut) return { exitCode: -1, output: `Health check exceeded timeout (${timeout / 1000}s)` }
  return { exitCode, output: Buffer.concat(chunks).toString('utf8') }
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener('abort', done, { once: true })
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
  })
}
