import { existsSync, readdirSync } from 'node:fs'
import type { EngineContext } from '../state/context.ts'
import { discard } from '../state/discards.ts'
import { foldersOf } from '../state/snapshot-record.ts'

/** Whoever saves, restores or removes snapshots, or what they are made of, does it alone. */
export const SNAPSHOTS_LOCK = 'snapshots'

/** Removes the frozen folders that neither a snapshot nor a volume is made of; the caller holds the lock of snapshots. */
export async function sweepFrozen(engine: EngineContext): Promise<void> {
  const { snapshots, volumes } = engine
  // It is made with the first snapshot.
  if (!existsSync(volumes.frozenFolder())) return
  const kept = new Set([
    ...snapshots.values().flatMap(foldersOf),
    ...volumes.values().flatMap(({ base = [] }) => base),
  ])
  const unused = readdirSync(volumes.frozenFolder()).filter(id => !kept.has(id))
  await discard(
    engine,
    unused.map(id => volumes.frozenFolder(id)),
  )
}
