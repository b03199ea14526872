import { setImmediate as nextRound } from 'node:timers/promises'
import { messageOf } from '../../diagnostics/index.ts'
import type { EngineContext } from '../state/context.ts'

/** What opening a network takes of the engine. */
type OpeningContext = Pick<EngineContext, 'firewall' | 'networks' | 'warn'>

/**
 * Lets the firewall know of a new network in the next round of the event loop, behind the answer of who made it. Nobody waits here: the rules
 * matter to containers alone, which wait before they run (`networksOpened`).
 */
export function openNetwork(engine: OpeningContext, networkId: string): void {
  const { openings } = engine.networks
  const begun = nextRound().then(() => engine.firewall.apply())
  const run = begun.then(
    () => {
      openings.delete(networkId)
      return true
    },
    error => {
      engine.warn({ severity: 'warning', code: 'REPAIR', summary: messageOf(error) })
      return false
    },
  )
  openings.set(networkId, run)
}

/** Resolves when the firewall knows these networks; what failed before is tried again, and fails here if it must. */
export async function networksOpened(engine: OpeningContext, networkIds: readonly string[]): Promise<void> {
  const { openings } = engine.networks
  for (const id of networkIds) {
    if ((await openings.get(id)) !== false) continue
    await engine.firewall.apply()
    openings.delete(id)
  }
}

/** The network goes: nobody will wait for it. */
export function forgetOpening(engine: OpeningContext, networkId: string): void {
  engine.networks.openings.delete(networkId)
}
