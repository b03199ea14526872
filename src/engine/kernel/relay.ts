import type { MonitorStatus } from '../../native/index.ts'
import { joinedOf } from '../endpoints/joined.ts'
import { hasEmbeddedDns } from '../endpoints/program.ts'
import { listenAgain } from './listening.ts'
import { type ContainerSight, inPlace, type Thing } from './thing.ts'

/** The process that answers names and accepts at published ports. Its monitor begins another within a second; who cannot wait asks it. */
export const RELAY: Thing<ContainerSight> = {
  paths: ['relay'],
  outlasts: true,
  observe({ engine, container, seen }) {
    const { live } = container
    if (live?.status === undefined || container.terms.network.mode.kind !== 'network') return []
    // A kernel that does not tell of children tells nothing here. The monitor says that it runs, then begins its relay.
    if (seen?.relay?.length !== 4 || seen.relay.readUInt32LE() !== 0 || hasJustStarted(live.status)) return []
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
