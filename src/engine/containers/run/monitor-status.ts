import { DISK_FULL_HINT, Failure, failure } from '../../../diagnostics/index.ts'
import { failureOfStatus, type MonitorStatus } from '../../../native/index.ts'
import { publishContainerEvent } from '../../events/container-event.ts'
import { resumeHealth, startHealth } from '../../health/probe.ts'
import { watchSleep } from '../../sleep/watch.ts'
import type { Container } from '../../state/container.ts'
import type { StateRecord } from '../../state/container-record.ts'
import type { EngineContext } from '../../state/context.ts'
import type { Live } from '../../state/live.ts'
import { nanoTime } from '../../words/timestamps.ts'
import { describeOom, tellOom } from './oom.ts'
import { keepReady, makeReady } from './ready.ts'
import { tellReleased, tellTaken } from './run-events.ts'
import { settleContainer } from './settle.ts'

/** A monitor that is listened to. */
export interface MonitorWatch {
  /** Resolves when nothing that the monitor says can be missed any more. */
  readonly subscribed: Promise<void>
  /** Resolves at the first start that the monitor tells; rejects when it ends without one. */
  readonly started: Promise<void>
  /** For a container that ran before this engine: its probes go on. */
  readonly resumeHealth: () => void
}

/**
 * Turns what the monitor says into state and events, until the container has ended for good or the monitor is gone.
 * `known` is what an earlier engine had recorded, so that an adopted container's start is not told again.
 */
export function watchMonitor(
  engine: EngineContext,
  container: Container,
  live: Live,
  known?: MonitorStatus,
): MonitorWatch {
  let started: () => void = () => {}
  let failed: (error: Error) => void = () => {}
  const firstStart = new Promise<void>((resolve, reject) => {
    started = resolve
    failed = reject
  })
  firstStart.catch(ignoreUnlessAwaited)
  if (known !== undefined) live.status = known
  const subscribed = live.connection.subscribe(status => {
    applyStatus(engine, container, live, status)
    if (status.startedAt !== undefined) started()
  })
  const { connection } = live
  subscribed.catch(ignoreUnlessAwaited)
  void connection.closed.then(() => {
    failed(failure({ code: 'MONITOR_GONE', summary: `monitor of ${container.name} ended before the start` }))
    const isLost = container.live === live && live.connection === connection && !container.starting
    if (isLost && !engine.closing.aborted) live.tellLoss()
  })
  const goOn = (): void => {
    if (container.live !== live) return
    watchSleep(engine, container)
    if (container.running) resumeHealth(engine, container)
  }
  return { subscribed, started: firstStart, resumeHealth: goOn }
}

/** Whoever starts a container awaits it; for an adopted one nobody does. */
function ignoreUnlessAwaited(): void {}

/** Compares with what was known and tells the difference. Frames come in order; none is skipped while connected. */
export function applyStatus(
  engine: EngineContext,
  container: Container,
  live: Live,
  status: MonitorStatus,
): void {
  if (container.live !== live) return
  const before = live.status
  live.status = status
  if (status.asleep !== (before?.asleep ?? false)) onSleep(engine, container, status)
  if (status.startedAt !== undefined && status.startedAt !== before?.startedAt)
    onStart(engine, container, status, before?.asleep === true)
  if (status.oomKilled && !container.record.state.oomKilled) onOom(engine, container)
  live.hasFailedToWake = hasFailedToWake(status, before)
  if (status.finishedAt !== undefined && status.finishedAt !== before?.finishedAt)
    restsWithoutRun(status) ? onRest(engine, container) : onExit(engine, container, live, status)
  else if (status.phase === 'exited' && before?.phase === 'restarting')
    onLastEnd(engine, container, live, status, before)
  if (status.logDropped > (before?.logDropped ?? 0)) warnOfLog(engine, container, status, before)
  if (status.phase === 'exited') settleContainer(engine, container, live)
}

/** A full disk must not keep the engine from knowing what happens: the status file tells the next one. */
export function rememberRun(
  engine: EngineContext,
  container: Container,
  changes: Parameters<Container['saveRun']>[0],
): void {
  try {
    container.saveRun(changes)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    engine.warn({ severity: 'warning', code: error.code, summary: `${container.name}: ${error.message}` })
  }
}

/** Told when it begins and at the end: a container that writes much on a full disk must not fill the engine's log as well. */
function warnOfLog(
  engine: EngineContext,
  container: Container,
  { logDropped, phase }: MonitorStatus,
  before: MonitorStatus | undefined,
): void {
  const begins = (before?.logDropped ?? 0) === 0
  if (!begins && phase !== 'exited') return
  const summary = `${container.name}: ${logDropped} lines of its output are lost so far: its log cannot be written`
  engine.warn({ severity: 'warning', code: 'LOG_LOST', summary, hint: DISK_FULL_HINT })
}

function rememberState(engine: EngineContext, container: Container, changes: Partial<StateRecord>): void {
  rememberRun(engine, container, { state: { ...container.record.state, ...changes } })
}

/** What comes of it beyond this the next status tells. */
function onSleep(engine: EngineContext, container: Container, { asleep, phase }: MonitorStatus): void {
  if (phase !== 'exited') publishContainerEvent(engine, container, asleep ? 'sleep' : 'wake')
}

/** Its run has ended for it to sleep on, and nobody was told. */
function restsWithoutRun({ asleep, phase }: Pick<MonitorStatus, 'asleep' | 'phase'>): boolean {
  return asleep && phase === 'restarting'
}

/** Somebody has come, and its next run could not begin: what it stands on was changed meanwhile. */
function hasFailedToWake(status: MonitorStatus, before: MonitorStatus | undefined): boolean {
  const slept = before !== undefined && restsWithoutRun(before)
  return slept && status.phase === 'exited' && !status.stopped
}

/** Its run has ended for it to sleep on. */
function onRest(engine: EngineContext, container: Container): void {
  container.health?.stop()
  void keepReady(engine, container)
}

/** `woken`: a run that follows a sleep, in which it had not ended for anybody. */
function onStart(engine: EngineContext, container: Container, status: MonitorStatus, woken: boolean): void {
  container.paused = false
  rememberState(engine, container, {
    startedAt: nanoTime(status.startedAt ?? 0n),
    restartCount: restartsOf(container, status),
    oomKilled: false,
    error: '',
  })
  if (!woken) {
    tellTaken(engine, container)
    publishContainerEvent(engine, container, 'start')
    watchSleep(engine, container)
  } else void makeReady(engine, container)
  startHealth(engine, container)
}

/** Told when it happens, also of a child whose parent lives on, as Docker does; once a run. */
function onOom(engine: EngineContext, container: Container): void {
  const oom = describeOom(engine, container)
  rememberState(engine, container, { oomKilled: true, oom })
  tellOom(engine, container, oom)
}

function restartsOf({ record }: Container, status: MonitorStatus): number {
  return (record.state.restartsBefore ?? 0) + status.restartCount
}

function onExit(engine: EngineContext, container: Container, live: Live, status: MonitorStatus): void {
  const exitCode = status.exitCode ?? 0
  container.lastExit = status.finishedAt ?? 0n
  container.health?.stop()
  rememberState(engine, container, {
    finishedAt: nanoTime(status.finishedAt ?? 0n),
    exitCode,
    oomKilled: status.oomKilled,
    restartCount: restartsOf(container, status),
    error: failureOfStatus(undefined, status.error)?.message ?? '',
    manuallyStopped: status.stopped || container.record.state.manuallyStopped,
  })
  tellReleased(engine, container)
  live.beforeDeath?.()
  live.beforeDeath = undefined
  // One that could not be started has not died.
  if (status.startedAt !== undefined)
    publishContainerEvent(engine, container, 'die', {
      execDuration: String(ranFor(status)),
      exitCode: String(exitCode),
    })
  container.tellExit({ StatusCode: exitCode })
}

/** It ends for good without a run that could end: one that slept has ended just now, of another the end was told. Who waits since then hears of it here alone. */
function onLastEnd(
  engine: EngineContext,
  container: Container,
  live: Live,
  status: MonitorStatus,
  before: MonitorStatus,
): void {
  if (restsWithoutRun(before)) onExit(engine, container, live, status)
  else container.tellExit({ StatusCode: container.record.state.exitCode })
}

/** Whole seconds. */
function ranFor({ startedAt, finishedAt }: MonitorStatus): number {
  if (startedAt === undefined || finishedAt === undefined || finishedAt < startedAt) return 0
  return Number((finishedAt - startedAt) / 1_000_000_000n)
}
