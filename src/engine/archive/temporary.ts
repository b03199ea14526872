import { mkdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { EngineContext } from '../context.ts'

/** A new folder that only root can enter, on the disk that has room for a copy. */
export async function temporaryFolder(engine: EngineContext): Promise<string> {
  const parent = join(engine.paths.root, 'tmp')
  mkdirSync(parent, { recursive: true, mode: 0o700 })
  return await mkdtemp(join(parent, 'archive-'))
}

/** Removes what an engine that was killed left there. */
export async function sweepTemporary(engine: EngineContext): Promise<void> {
  await rm(join(engine.paths.root, 'tmp'), { recursive: true, force: true })
}
