import { existsSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Failure, messageOf } from '../../diagnostics/index.ts'
import type { EngineContext } from '../state/context.ts'
import { SNAPSHOTS_LOCK, sweepFrozen } from '../volumes/frozen.ts'
import { endIntent, finishFiles, type Intent } from './intent.ts'
import { startAll, withLocks } from './runs.ts'

/** Does the steps that an engine was killed over, before any record is read; what can be neither done nor undone waits for the next snapshot. */
export function finishEarly(engine: Pick<EngineContext, 'snapshots' | 'warn'>): Intent | undefined {
  try {
    return finishFiles(engine.snapshots.intent, engine.warn)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    for (const each of error.diagnostics) engine.warn({ ...each, severity: 'warning' })
    return undefined
  }
}

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
  if (intent !== undefined) await endResumed(engine, intent)
  await sweepFrozen(engine)
  sweepDrafts(engine)
}

async function endResumed(engine: EngineContext, intent: Intent): Promise<void> {
  const stopped = intent.stopped.flatMap(id => engine.containers.find(id) ?? [])
  const ids = stopped.map(({ id }) => id)
  await withLocks(engine, ids, () => startAll(engine, stopped, intent.paused))
  await endIntent(engine, intent)
}

/** Ends what stands in the way of another save or restore; the caller has the lock of snapshots. SNAPSHOT_UNFINISHED. */
export async function endUnfinished(engine: EngineContext): Promise<void> {
  if (!existsSync(engine.snapshots.intent)) return
  const intent = finishFiles(engine.snapshots.intent, engine.warn)
  // Records may have been written that are not those which were read.
  for (const table of [engine.volumes, engine.snapshots]) table.load().forEach(engine.warn)
  if (intent !== undefined) await endResumed(engine, intent)
}

/** What an engine had not written to its end. */
function sweepDrafts({ snapshots }: EngineContext): void {
  const folder = dirname(snapshots.intent)
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder).filter(each => each.endsWith('.tmp'))) rmSync(join(folder, name))
}
