import { failure } from '../diagnostics/index.ts'
import type { MonitorPhase, MonitorStatus } from './monitor-protocol.ts'
import type { RestartPolicy } from './program.ts'

const PHASES: readonly string[] = ['created', 'running', 'restarting', 'exited'] satisfies MonitorPhase[]
const POLICIES: readonly string[] = ['no', 'always', 'on-failure', 'unless-stopped'] satisfies RestartPolicy[]

/** Parses a monitor's status file. Raises STATUS_UNREADABLE when it is not one of ours, or of a later version. */
export function parseStatus(text: string): MonitorStatus {
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=')
    if (equals > 0) values.set(line.slice(0, equals), line.slice(equals + 1))
  }
  const phase = values.get('phase') ?? ''
  const policy = values.get('restart_policy') ?? ''
  // Its last line is there and whole: what is cut off may still read like a status.
  const isWhole = text.endsWith('\n') && values.has('error')
  if (!isWhole || values.get('version') !== '1' || !PHASES.includes(phase) || !POLICIES.includes(policy)) {
    throw failure({
      code: 'STATUS_UNREADABLE',
      summary: 'Monitor status cannot be read: no whole status of version 1',
    })
  }
  const exitCode = number(values, 'exit_code')
  return {
    phase: phase as MonitorPhase,
    monitorPid: number(values, 'monitor_pid'),
    monitorStartTime: big(values, 'monitor_start'),
    pid: number(values, 'pid'),
    pidStartTime: big(values, 'pid_start'),
    bootId: values.get('boot_id') ?? '',
    startedAt: time(values, 'started_at'),
    finishedAt: time(values, 'finished_at'),
    exitCode: exitCode < 0 ? undefined : exitCode,
    signal: number(values, 'signal'),
    oomKilled: values.get('oom_killed') === '1',
    restartCount: number(values, 'restart_count'),
    restartPolicy: policy as RestartPolicy,
    stopped: values.get('stopped') === '1',
    logDropped: number(values, 'log_dropped'),
    error: values.get('error') ?? '',
  }
}

function number(values: ReadonlyMap<string, string>, key: string): number {
  const value = Number(values.get(key))
  if (!Number.isSafeInteger(value)) {
    throw failure({
      code: 'STATUS_UNREADABLE',
      summary: `Monitor status cannot be read: "${key}" is no number`,
    })
  }
  return value
}

function big(values: ReadonlyMap<string, string>, key: string): bigint {
  const text = values.get(key) ?? ''
  if (!/^\d+$/.test(text)) {
    throw failure({
      code: 'STATUS_UNREADABLE',
      summary: `Monitor status cannot be read: "${key}" is no number`,
    })
  }
  return BigInt(text)
}

/** Zero stands for "not yet". */
function time(values: ReadonlyMap<string, string>, key: string): bigint | undefined {
  const value = big(values, key)
  return value === 0n ? undefined : value
}
