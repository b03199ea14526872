import { wallClock } from '../../../linux/wall-clock.ts'
import { type MonitorStatus, monitorOf } from '../../../native/index.ts'
import type { Container } from '../../state/container.ts'
import type { EngineContext } from '../../state/context.ts'
import type { Live } from '../../state/live.ts'
import { readStatusFile } from './last-status.ts'
import { applyStatus, watchMonitor } from './monitor-status.ts'
import { whileAlive } from './while-alive.ts'

/** 128 + SIGKILL: what ends with its monitor was killed. */
const KILLED_EXIT_CODE = 137

/**
 * The connection to a monitor broke although its container had not ended: the monitor wrote its end and went, or lives
 * on and is connected again, or was killed: then what is left of its container is killed, and true is returned. Takes no
 * lock, since a stop that holds the lock may be waiting for this very end.
 */
export async function recoverMonitor(
  engine: EngineContext,
  container: Container,
  live: Live,
): Promise<boolean> {
  const status = readStatusFile(engine, container) ?? live.status
  if (status === undefined || container.live !== live) return false
  if (status.phase === 'exited') {
    applyStatus(engine, container, live, status)
    return false
  }
  if (await reconnect(engine, container, live, status)) return false
  engine.warn({
    severity: 'warning',
    code: 'MONITOR_DIED',
    summary: `monitor of ${container.name} died: its container is killed`,
  })
  await engine.host.cgroups.kill(container.id)
  applyStatus(engine, container, live, endedStatus(status))
  return true
}

/** Connects again while the monitor lives; false when it is gone. */
async function reconnect(
  engine: EngineContext,
  container: Container,
  live: Live,
  status: MonitorStatus,
): Promise<boolean> {
  const reached = await whileAlive(monitorOf(status), async () => {
    live.connection = await engine.native.connectMonitor(container.paths.socket)
    await watchMonitor(engine, container, live, live.status).subscribed
    return true
  })
  return reached === true
}

/** The status that the monitor could not write any more. */
export function endedStatus(status: MonitorStatus): MonitorStatus {
  return {
    ...status,
    phase: 'exited',
    pid: 0,
    finishedAt: wallClock(),
    exitCode: KILLED_EXIT_CODE,
    signal: 9,
  }
}
