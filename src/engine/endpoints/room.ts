import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../../diagnostics/index.ts'
import { nativeErrorOf } from '../../native/index.ts'
import { driverOf, type Endpoint, roomOps } from '../../network/index.ts'
import type { EngineContext } from '../state/context.ts'

/** How long addresses are waited for that a namespace which has gone still has, and how often they are tried, in milliseconds. */
const PATIENCE = 5_000
const TRIAL_PAUSE = 5

/**
 * Waits until the kernel has let go of what the containers before had on these networks: it takes namespaces apart in its own time, and on
 * networks of some drivers nobody else can have their addresses until then.
 */
export async function awaitRoom(
  { native }: Pick<EngineContext, 'native'>,
  endpoints: readonly Endpoint[],
): Promise<void> {
  const end = performance.now() + PATIENCE
  for (const endpoint of endpoints.filter(({ network }) => driverOf(network).lingers)) {
    for (;;) {
      try {
        await native.run({ setup: roomOps(endpoint) })
        break
      } catch (error) {
        if (!(error instanceof Failure) || !isTaken(error)) throw error
        if (performance.now() > end) throw error
        await sleep(TRIAL_PAUSE)
      }
    }
  }
}

/** EINVAL: another interface is on a parent that is handed through, or one that is handed through is on it. */
function isTaken(error: Failure): boolean {
  return /^(EBUSY|EADDRINUSE|EINVAL)$/.test(nativeErrorOf(error)?.errno ?? '')
}
