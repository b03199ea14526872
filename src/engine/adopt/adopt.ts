import { messageOf } from '../../diagnostics/index.ts'
import { readBootId } from '../../linux/process-identity.ts'
import { timestamp } from '../../linux/wall-clock.ts'
import { type MonitorConnection, type MonitorStatus, monitorOf } from '../../native/index.ts'
import { putBack } from '../containers/adapt.ts'
import { autoRemove, awaitClients } from '../containers/auto-remove.ts'
import { awaitMaker } from '../containers/maker.ts'
import { adoptedSpec } from '../containers/run/adopted-spec.ts'
import { clearRun } from '../containers/run/clear-run.ts'
import { findStatus, readStatusFile, statusOfRecord } from '../containers/run/last-status.ts'
import { applyStatus, watchMonitor } from '../containers/run/monitor-status.ts'
import { endedStatus } from '../containers/run/recover.ts'
import { whileAlive } from '../containers/run/while-alive.ts'
import { restartByPolicy, supervise } from '../containers/supervise.ts'
import { endBriefPause } from '../containers/while-paused.ts'
import { publishedTargets } from '../endpoints/ports.ts'
import { tellRelay } from '../endpoints/relay.ts'
import { drainingOf, withholdPorts } from '../endpoints/relieve.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { Live } from '../state/live.ts'
import { reliefsAmong } from '../state/relief.ts'
import { nanoTime } from '../words/timestamps.ts'
import { restoreRun } from './restore-run.ts'

/** Exit code of a container that a reboot ended, as Docker gives. */
const REBOOT_EXIT_CODE = 255

/**
 * Takes over what an earlier engine left: connects to the monitors that live, records the ends that nobody saw, brings
 * back what a restart policy wants after a reboot or a lost monitor. Nothing that runs is disturbed. `afterCrash`: it did not end
 * by itself, and whoever was about to start something may not know of it any more.
 */
export async function adoptContainers(
  engine: EngineContext,
  { afterCrash }: { readonly afterCrash: boolean },
): Promise<void> {
  await forEachContainer(engine, container => restoreRun(engine, container))
  await forEachContainer(engine, async container => {
    // One whose start was begun may end while it is taken over.
    if (container.record.state.bootId !== undefined) awaitClients(container, engine.closing)
    await adoptContainer(engine, container)
    if (!wasTried(container)) return awaitMaker(engine, container, afterCrash)
    // What an engine was killed over: an end, or a start that failed, whose removal had not begun.
    if (container.live === undefined) void autoRemove(engine, container)
  })
}

/** All at once; what fails for one is a warning. */
async function forEachContainer(
  engine: EngineContext,
  task: (container: Container) => Promise<void>,
): Promise<void> {
  await Promise.all(
    [...engine.containers.values()].map(async container => {
      try {
        await task(container)
      } catch (error) {
        engine.warn({ severity: 'warning', code: 'ADOPT', summary: `${container.name}: ${messageOf(error)}` })
      }
    }),
  )
}

function wasTried({ record: { state } }: Container): boolean {
  return state.startedAt !== undefined || state.error !== ''
}

async function adoptContainer(engine: EngineContext, container: Container): Promise<void> {
  const { state } = container.record
  if (state.bootId === undefined) return
  if (state.bootId !== readBootId()) {
    await afterReboot(engine, container, readStatusFile(engine, container) ?? statusOfRecord(container))
    return
  }
  const found = await findStatus(engine, container)
  const status = found?.bootId === state.bootId ? found : statusOfRecord(container)
  if (status === undefined) return
  const runs = status.phase !== 'created' && status.phase !== 'exited' && status.monitorPid > 0
  // One that is being killed may have told of itself, and lets nobody in any more.
  const connection = runs
    ? await whileAlive(monitorOf(status), () => engine.native.connectMonitor(container.paths.socket))
    : undefined
  if (connection !== undefined) await takeOver(engine, container, status, connection)
  else if (isUnseen(container, status)) await recordEnd(engine, container, status)
}

async function takeOver(
  engine: EngineContext,
  container: Container,
  status: MonitorStatus,
  connection: MonitorConnection,
): Promise<void> {
  const live = new Live(connection, adoptedSpec(engine, container))
  supervise(engine, container, live)
  container.live = live
  container.paused = !status.asleep && engine.host.cgroups.freezer(container.id).frozen()
  if (container.record.state.pausedToCommit) await endBriefPause(engine, container)
  if (!isAside(engine, container)) container.published = publishedTargets(engine, container)
  container.draining = drainingOf(engine, container)
  const watching = watchMonitor(engine, container, live, known(container, status))
  await watching.subscribed
  // A relief may have been cut off on either side of its record.
  if (isAside(engine, container)) await withholdPorts(container)
  await tellRelay(engine, container)
  await putBack(engine, container)
  watching.resumeHealth()
}

function isAside(engine: Pick<EngineContext, 'containers'>, container: Container): boolean {
  return reliefsAmong(engine.containers.values()).isAside(container)
}

/** The part of a status that the record knows already: what differs is news and becomes events. */
function known(container: Container, status: MonitorStatus): MonitorStatus {
  const { startedAt, finishedAt } = container.record.state
  const same = (time: bigint | undefined, recorded: string | undefined): bigint | undefined =>
    time !== undefined && nanoTime(time) === recorded ? time : undefined
  return {
    ...status,
    startedAt: same(status.startedAt, startedAt),
    finishedAt: same(status.finishedAt, finishedAt),
  }
}

/** Whether the record does not know yet that the container ended, or that it ran at all. */
function isUnseen(container: Container, status: MonitorStatus): boolean {
  if (status.startedAt === undefined) return false
  const before = known(container, status)
  return status.phase !== 'exited' || before.finishedAt === undefined || before.startedAt === undefined
}

/** The container ended while no engine looked, by itself or because its monitor was killed. */
async function recordEnd(engine: EngineContext, container: Container, status: MonitorStatus): Promise<void> {
  const lost = status.phase !== 'exited'
  if (lost) await engine.host.cgroups.kill(container.id)
  const connection = { ...NO_CONNECTION }
  const live = new Live(connection, adoptedSpec(engine, container))
  live.status = known(container, status)
  container.live = live
  if (!isAside(engine, container)) container.published = publishedTargets(engine, container)
  applyStatus(engine, container, live, lost ? endedStatus(status) : status)
  await container.cleanup
  if (lost) await restartByPolicy(engine, container)
}

/** Stands for the monitor that is gone. */
const NO_CONNECTION = {
  start: gone,
  signal: gone,
  renew: gone,
  resize: gone,
  setRestart: gone,
  setNetworks: gone,
  setPorts: gone,
  takePorts: gone,
  setServers: gone,
  setProgram: gone,
  shortcut: gone,
  sleep: gone,
  attach: gone,
  follow: gone,
  pause: (): void => undefined,
  resume: (): void => undefined,
  writeStdin: gone,
  closeStdin: gone,
  subscribe: gone,
  closed: Promise.resolve(),
  close: (): void => undefined,
}

async function gone(): Promise<never> {
  throw new Error('the monitor is gone')
}

/** Nothing of the last boot can still run: everything is recorded as ended, then policies apply as at Docker's boot. */
async function afterReboot(
  engine: EngineContext,
  container: Container,
  status: MonitorStatus | undefined,
): Promise<void> {
  const { bootId: _, ...state } = container.record.state
  const wasRunning = status !== undefined && status.phase !== 'exited' && status.phase !== 'created'
  container.saveRun({
    ports: [],
    state: wasRunning ? { ...state, exitCode: REBOOT_EXIT_CODE, finishedAt: timestamp(), error: '' } : state,
  })
  container.cleanup = clearRun(engine, container)
  await container.cleanup
  await restartByPolicy(engine, container, { afterReboot: true })
}
