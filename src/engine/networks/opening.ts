import { messageOf } from '../../diagnostics/index.ts'
import type { EngineContext } from '../state/context.ts'

/** Firewall runs of networks that were made just now, by network id; false: it failed. */
const opening = new WeakMap<EngineContext, Map<string, Promise<boolean>>>()

/**
 * Begins to let the firewall know of a new network. Nobody waits here: a commit of nft takes some 20 ms of waiting in
 * the kernel, and the rules matter to containers alone, which wait before they run (`networksOpened`).
 */
export function openNetwork(engine: EngineContext, networkId: string): void {
  const runs = opening.get(engine) ?? new Map<string, Promise<boolean>>()
  opening.set(engine, runs)
  const run = engine.firewall.apply().then(
    () => {
      runs.delete(networkId)
      return true
    },
    error => {
      engine.warn({ severity: 'warning', code: 'REPAIR', summary: messageOf(error) })
      return false
    },
  )
  runs.set(networkId, run)
}

/** Resolves when the firewall knows these networks; what failed before is tried again, and fails here if it must. */
export async function networksOpened(engine: EngineContext, networkIds: readonly string[]): Promise<void> {
  const runs = opening.get(engine)
  for (const id of networkIds) {
    if ((await runs?.get(id)) !== false) continue
    await engine.firewall.apply()
    runs?.delete(id)
  }
}

/** The network goes: nobody will wait for it. */
export function forgetOpening(engine: EngineContext, networkId: string): void {
  opening.get(engine)?.delete(networkId)
}
