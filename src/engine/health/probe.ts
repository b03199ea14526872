import type { HealthcheckResult } from '../../api/types/index.ts'
import { Failure, messageOf } from '../../diagnostics/index.ts'
import { ageOf } from '../../linux/process-identity.ts'
import { timestamp } from '../../linux/wall-clock.ts'
import { publishContainerEvent } from '../events/container-event.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import type { HealthState } from '../state/health-state.ts'
import type { HealthPlan } from '../terms/health.ts'
import { type CommandContext, checkByCommand } from './command-check.ts'
import { checkByLog, type LogContext } from './log-check.ts'
import { checkBySocket } from './socket-check.ts'
import { afterResult, type Checked, type Checker, intervalOf, MOST_OUTPUT } from './state.ts'

/** Until the first success: the first look after 50 ms, then rarer, at least twice a second. */
const EAGER_FIRST = 50
const EAGER_GROWTH = 1.2
const EAGER_LONGEST = 500
/** After this time only the regular probes go on. */
const EAGER_UNTIL = 120_000

/** What checks take of the engine. */
type CheckContext = CommandContext & LogContext

/** What probes take of the engine. */
type HealthContext = CheckContext & Pick<EngineContext, 'events' | 'warn'>

/**
 * Starts the probes of a container that has just started, if it has a health check. Beside the regular probes, which
 * follow Docker's rules, there are eager ones until the first success: their failures count for nothing, but a success
 * is told at once, so that dependents start milliseconds after the service is ready.
 */
export function startHealth(engine: HealthContext, container: Container): void {
  beginHealth(engine, container, { status: 'starting', failingStreak: 0, log: [] }, performance.now())
}

/** The same for a container that ran before this engine: what is known of this run holds until a probe says otherwise. */
export function resumeHealth(engine: HealthContext, container: Container): void {
  const { health, startedAt = '' } = container.record.state
  const known = health?.startedAt === startedAt ? health : undefined
  const { status, failingStreak, log } = known ?? { status: 'starting', failingStreak: 0, log: [] }
  beginHealth(engine, container, { status, failingStreak, log }, performance.now() - elapsedOf(container))
}

/** Milliseconds that a run has taken so far, by the clock of the boot: the wall clock may have been set since. */
function elapsedOf(container: Container): number {
  const began = container.live?.status?.pidStartTime
  return began === undefined ? 0 : Math.max(0, ageOf(began) * 1000)
}

/** `begin` is when the run began, by the clock of `performance`: it may lie before this process. */
function beginHealth(
  engine: HealthContext,
  container: Container,
  found: Omit<HealthState, 'stop'>,
  begin: number,
): void {
  container.health?.stop()
  const plan = container.terms.health
  if (plan === undefined) {
    container.health = undefined
    return
  }
  const abort = new AbortController()
  const state: HealthState = { ...found, stop: () => abort.abort() }
  container.health = state
  const check = checkerOf(engine, container, plan, {
    signal: abort.signal,
    passed: state.status === 'healthy',
  })
  const probing = { plan, state, begin, check, signal: abort.signal }
  if (state.status === 'unhealthy') container.live?.tellUnhealthy()
  void probeUntil(engine, container, probing).catch(error => {
    engine.warn({ severity: 'warning', code: 'HEALTH', summary: `${container.name}: ${messageOf(error)}` })
  })
}

/** The check of one run of a container. `signal` ends with the run; `passed`: it has been found well before, by another engine maybe. */
function checkerOf(
  engine: CheckContext,
  container: Container,
  { check, timeout }: HealthPlan,
  run: { readonly signal: AbortSignal; readonly passed: boolean },
): Checker {
  if (!('kind' in check)) return over => checkByCommand(engine, container, check, over)
  if (check.kind === 'log') return checkByLog(engine, container, check.text, run)
  return () => checkBySocket(engine, container, check, timeout)
}

interface Probing {
  readonly plan: HealthPlan
  readonly state: HealthState
  readonly check: Checker
  /** Of `performance.now`, which is monotonic: a jump of the wall clock neither delays nor hastens a probe. */
  readonly begin: number
  readonly signal: AbortSignal
}

async function probeUntil(
  engine: HealthContext,
  container: Container,
  { plan, state, begin, check, signal }: Probing,
): Promise<void> {
  let eagerDelay = EAGER_FIRST
  let regularAt = performance.now() + intervalOf(plan, state.status, performance.now() - begin)
  while (!signal.aborted) {
    const now = performance.now()
    const eager = state.status === 'starting' && now - begin < EAGER_UNTIL && now + eagerDelay < regularAt
    await sleep(eager ? eagerDelay : Math.max(0, regularAt - now), signal)
    if (signal.aborted) return
    if (!container.paused && !container.asleep) {
      const result = await probe(check, plan.timeout, signal)
      if (signal.aborted) return
      // One that has fallen asleep meanwhile could not answer.
      if (container.asleep) continue
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
  engine: HealthContext,
  container: Container,
  state: HealthState,
  result: HealthcheckResult,
  rules: { readonly retries: number; readonly inStartPeriod: boolean },
): void {
  const before = state.status
  Object.assign(state, afterResult(state, result, rules))
  if (state.status === before) return
  keep(engine, container, state)
  publishContainerEvent(engine, container, `health_status: ${state.status}`)
  if (state.status === 'unhealthy') container.live?.tellUnhealthy()
}

/** A full disk must not keep the engine from probing: the next one begins anew then. */
function keep(
  engine: HealthContext,
  container: Container,
  { status, failingStreak, log }: HealthState,
): void {
  const { startedAt } = container.record.state
  if (startedAt === undefined) return
  try {
    container.saveState({ health: { startedAt, status, failingStreak, log } })
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    engine.warn({ severity: 'warning', code: error.code, summary: `${container.name}: ${error.message}` })
  }
}

/** One probe; a command that cannot be run is a failed one, as with Docker. The limit is for its start as well. */
async function probe(check: Checker, timeout: number, signal: AbortSignal): Promise<HealthcheckResult> {
  const Start = timestamp()
  const over = new AbortController()
  const abandon = (): void => over.abort()
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    over.abort()
  }, timeout)
  // Not AbortSignal.any: the container's signal would keep a trace of every probe.
  signal.addEventListener('abort', abandon, { once: true })
  const ended = await outcomeOf(check, over.signal)
  signal.removeEventListener('abort', abandon)
  clearTimeout(timer)
  const late = { ExitCode: -1, Output: `Health check exceeded timeout (${timeout / 1000}s)` }
  return { Start, End: timestamp(), ...(timedOut ? late : ended) }
}

async function outcomeOf(check: Checker, over: AbortSignal): Promise<Checked> {
  try {
    return await check(over)
  } catch (error) {
    return { ExitCode: -1, Output: messageOf(error).slice(0, MOST_OUTPUT) }
  }
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
