import type { Readable } from 'node:stream'
import type { HealthcheckResult } from '../../api/types/index.ts'
import { Failure, messageOf } from '../../diagnostics/index.ts'
import { ageOf } from '../../linux/process-identity.ts'
import { timestamp } from '../../linux/wall-clock.ts'
import { commandText, publishContainerEvent } from '../events/container-event.ts'
import { type ExecContext, runExec } from '../exec/process.ts'
import { linkVariables } from '../groups/link-variables.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import type { HealthState } from '../state/health-state.ts'
import type { HealthPlan } from '../terms/health.ts'
import { newId } from '../words/ids.ts'
import { afterResult, intervalOf } from './state.ts'

const MOST_OUTPUT = 4096
const SIGKILL = 9
/** Until the first success: the first look after 50 ms, then rarer, at least twice a second. */
const EAGER_FIRST = 50
const EAGER_GROWTH = 1.2
const EAGER_LONGEST = 500
/** After this time only the regular probes go on. */
const EAGER_UNTIL = 120_000

/** What probes take of the engine. */
type HealthContext = ExecContext & Pick<EngineContext, 'containers' | 'events' | 'warn'>

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
  const probing = { plan, state, begin, signal: abort.signal }
  void probeUntil(engine, container, probing).catch(error => {
    engine.warn({ severity: 'warning', code: 'HEALTH', summary: `${container.name}: ${messageOf(error)}` })
  })
}

interface Probing {
  readonly plan: HealthPlan
  readonly state: HealthState
  /** Of `performance.now`, which is monotonic: a jump of the wall clock neither delays nor hastens a probe. */
  readonly begin: number
  readonly signal: AbortSignal
}

async function probeUntil(
  engine: HealthContext,
  container: Container,
  { plan, state, begin, signal }: Probing,
): Promise<void> {
  let eagerDelay = EAGER_FIRST
  let regularAt = performance.now() + intervalOf(plan, state.status, performance.now() - begin)
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
async function probe(
  engine: HealthContext,
  container: Container,
  plan: HealthPlan,
  signal: AbortSignal,
): Promise<HealthcheckResult> {
  const Start = timestamp()
  const over = new AbortController()
  const abandon = (): void => over.abort()
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    over.abort()
  }, plan.timeout)
  // Not AbortSignal.any: the container's signal would keep a trace of every probe.
  signal.addEventListener('abort', abandon, { once: true })
  const ended = await outcomeOf(engine, container, plan, over.signal)
  signal.removeEventListener('abort', abandon)
  clearTimeout(timer)
  const late = { ExitCode: -1, Output: `Health check exceeded timeout (${plan.timeout / 1000}s)` }
  return { Start, End: timestamp(), ...(timedOut ? late : ended) }
}

async function outcomeOf(
  engine: HealthContext,
  container: Container,
  plan: HealthPlan,
  over: AbortSignal,
): Promise<Pick<HealthcheckResult, 'ExitCode' | 'Output'>> {
  const execID = newId()
  const tell = (action: string, attributes = {}): void =>
    publishContainerEvent(engine, container, action, { execID, ...attributes })
  try {
    const options = { tty: false, stdin: false, signal: over }
    tell(`exec_create: ${commandText(plan.argv)}`)
    const session = await runExec(
      engine,
      container,
      { argv: plan.argv, given: linkVariables(engine.containers, container) },
      options,
    )
    tell(`exec_start: ${commandText(plan.argv)}`)
    const outcome = await waitFor(session, over)
    tell('exec_die', { exitCode: String(outcome.ExitCode) })
    return outcome
  } catch (error) {
    return { ExitCode: -1, Output: messageOf(error).slice(0, MOST_OUTPUT) }
  }
}

async function waitFor(
  session: Awaited<ReturnType<typeof runExec>>,
  over: AbortSignal,
): Promise<Pick<HealthcheckResult, 'ExitCode' | 'Output'>> {
  const kept: Kept = { chunks: [], size: 0 }
  const read = Promise.all([keepFirst(session.stdout, kept), keepFirst(session.stderr, kept)])
  const kill = (): void => session.signal(SIGKILL)
  if (over.aborted) kill()
  over.addEventListener('abort', kill, { once: true })
  const { exitCode } = await session.exited
  over.removeEventListener('abort', kill)
  await read
  return { ExitCode: exitCode, Output: Buffer.concat(kept.chunks).toString('utf8') }
}

interface Kept {
  readonly chunks: Buffer[]
  size: number
}

/** Reads to the end: a check that prints more than is kept must not wait for a reader. */
async function keepFirst(stream: Readable | undefined, kept: Kept): Promise<void> {
  if (stream === undefined) return
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (kept.size < MOST_OUTPUT) kept.chunks.push(chunk.subarray(0, MOST_OUTPUT - kept.size))
    kept.size += chunk.length
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
