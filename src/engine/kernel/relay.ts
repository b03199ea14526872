import { readFileSync } from 'node:fs'
import { errnoOf } from '../../diagnostics/index.ts'
import { type ProcessOfThisBoot, startTimeOf } from '../../linux/process-identity.ts'
import type { MonitorStatus } from '../../native/index.ts'
import { joinedOf } from '../endpoints/joined.ts'
import { hasEmbeddedDns } from '../endpoints/program.ts'
import type { Live } from '../state/live.ts'
import { listenAgain } from './listening.ts'
import { type ContainerSight, inPlace, type Thing } from './thing.ts'

/** The process that answers names and accepts at published ports. Its monitor begins another within a second; who cannot wait asks it. */
export const RELAY: Thing<ContainerSight> = {
  paths: ['relay'],
  observe({ engine, container }) {
    const { live } = container
    if (live?.status === undefined || container.terms.network.mode.kind !== 'network') return []
    // The monitor says that it runs, then begins its relay.
    if (isThere(live, live.status.monitorPid) || hasJustStarted(live.status)) return []
    const isNeeded =
      container.published.length > 0 || hasEmbeddedDns(container, joinedOf(engine, container), '')
    return isNeeded ? [inPlace({ path: 'relay', want: 'running', got: 'gone' })] : []
  },
  repair: ({ container }) => listenAgain(container),
}

const MOMENT = 1_000

function hasJustStarted({ startedAt = 0n }: MonitorStatus): boolean {
  return Date.now() - Number(startedAt / 1_000_000n) < MOMENT
}

const known = new WeakMap<Live, ProcessOfThisBoot>()

function isThere(live: Live, monitor: number): boolean {
  const before = known.get(live)
  if (before !== undefined && startTimeOf(before.pid) === before.startTime) return true
  const children = textOf(`/proc/${monitor}/task/${monitor}/children`)
  // A kernel that does not tell of children tells nothing here.
  if (children === undefined) return true
  const pid = children
    .split(' ')
    .map(Number)
    .find(each => each > 0 && textOf(`/proc/${each}/cmdline`)?.startsWith('tscompose-relay\0') === true)
  const startTime = pid === undefined ? undefined : startTimeOf(pid)
  if (pid === undefined || startTime === undefined) return false
  known.set(live, { pid, startTime })
  return true
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}
