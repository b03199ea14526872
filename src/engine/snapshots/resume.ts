import { existsSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { messageOf } from '../../diagnostics/index.ts'
import type { EngineContext } from '../state/context.ts'
import { SNAPSHOTS_LOCK, sweepFrozen } from '../volumes/frozen.ts'
import { endIntent, type Intent } from './intent.ts'
import { startAll, withLocks } from './runs.ts'

/**
 * Ends what an engine was killed over, whose files are right already: what was stopped for it runs again, and what nobody needs goes. Nobody else has
 * the lock of snapshots before. What fails is a warning.
 */
export async function resumeSnapshots(engine: EngineContext, intent: Intent | undefined): Promise<void> {
  try {
    await engine.locks.run(SNAPSHOTS_LOCK, () => resume(engine, intent))
  } catch (error) {
    engine.warn({ severity: 'warning', code: 'REPAIR', summary: `snapshots: ${messageOf(error)}` })
  }
}

async function resume(engine: EngineContext, intent: Intent | undefined): Promise<void> {
  if (intent !== undefined) {
    const stopped = intent.stopped.flatMap(id => engine.containers.find(id) ?? [])
    const ids = stopped.map(({ id }) => id)
    await withLocks(engine, ids, () => startAll(engine, stopped, intent.paused))
    await endIntent(engine.snapshots.intent, intent)
  }
  await sweepFrozen(engine)
  sweepDrafts(engine)
}

/** What an engine had not written to its end. */
function sweepDrafts({ snapshots }: EngineContext): void {
  const folder = dirname(snapshots.intent)
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder).filter(each => each.endsWith('.tmp'))) rmSync(join(folder, name))
}
