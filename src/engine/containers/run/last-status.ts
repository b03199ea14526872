import { existsSync, readFileSync } from 'node:fs'
import { errnoOf, Failure } from '../../../diagnostics/index.ts'
import { type MonitorStatus, parseStatus } from '../../../native/index.ts'
import { parseTimestamp } from '../../../notation/index.ts'
import type { Container } from '../../state/container.ts'
import type { StateRecord } from '../../state/container-record.ts'
import type { EngineContext } from '../../state/context.ts'

/**
 * What is known of a container's last run. A monitor that lives says it itself, whatever became of its file; the file is
 * for when it has gone. Undefined when there is neither.
 */
export async function findStatus(
  engine: Pick<EngineContext, 'native' | 'warn'>,
  container: Container,
): Promise<MonitorStatus | undefined> {
  return (await askMonitor(engine, container)) ?? readStatusFile(engine, container)
}

async function askMonitor(
  engine: Pick<EngineContext, 'native'>,
  container: Container,
): Promise<MonitorStatus | undefined> {
  const { socket } = container.paths
  if (!existsSync(socket)) return undefined
  try {
    const connection = await engine.native.connectMonitor(socket)
    try {
      return await Promise.race([
        new Promise<MonitorStatus>((resolve, reject) => void connection.subscribe(resolve).catch(reject)),
        connection.closed.then(() => undefined),
      ])
    } finally {
      connection.close()
    }
  } catch (error) {
    if (error instanceof Failure) return undefined
    throw error
  }
}

/** What the monitor wrote last; undefined when there is nothing that can be used, which is a warning if there is something. */
export function readStatusFile(
  engine: Pick<EngineContext, 'warn'>,
  container: Container,
): MonitorStatus | undefined {
  try {
    return parseStatus(readFileSync(container.paths.status, 'utf8'))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    if (!(error instanceof Failure)) throw error
    engine.warn({ severity: 'warning', code: error.code, summary: `${container.name}: ${error.message}` })
    return undefined
  }
}

/**
 * A run that no monitor and no file tells of, as the record has it: it began and its end is not known. Undefined when it has
 * ended, or none has been.
 */
export function statusOfRecord({ record: { state } }: Container): MonitorStatus | undefined {
  const startedAt = timeOf(state, 'startedAt')
  const finishedAt = timeOf(state, 'finishedAt')
  if (startedAt === undefined || state.bootId === undefined) return undefined
  if (finishedAt !== undefined && finishedAt >= startedAt) return undefined
  return {
    phase: 'running',
    monitorPid: 0,
    monitorStartTime: 0n,
    pid: 0,
    pidStartTime: 0n,
    bootId: state.bootId,
    startedAt,
    finishedAt,
    exitCode: undefined,
    signal: 0,
    oomKilled: false,
    restartCount: state.restartCount,
    restartPolicy: 'no',
    stopped: false,
    logDropped: 0,
    mountsFd: 0,
    asleep: false,
    error: '',
  }
}

function timeOf(state: StateRecord, field: 'startedAt' | 'finishedAt'): bigint | undefined {
  const text = state[field]
  return text === undefined ? undefined : parseTimestamp(text)
}
