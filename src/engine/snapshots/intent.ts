import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { errnoOf, failure } from '../../diagnostics/index.ts'
import { removeTree } from '../../native/index.ts'
import { readRecord, type Versioned, writeRecord } from '../state/record-files.ts'
import { folderLike } from '../volumes/layered.ts'

/** A change of files that may be done twice: what is done already is left alone. */
export type FileStep =
  | { readonly do: 'rename'; readonly from: string; readonly to: string }
  /** An empty folder with the owner and the mode of another. */
  | { readonly do: 'folder'; readonly path: string; readonly like: string }
  | { readonly do: 'write'; readonly path: string; readonly record: Versioned }

/**
 * What a save or a restore is about to do, on disk before it is done: an engine that is killed before `committed` has changed nothing, and the next
 * one removes what was prepared; one that is killed later has begun the steps, and the next one ends them.
 */
export interface Intent extends Versioned {
  readonly version: 1
  readonly committed: boolean
  readonly steps: readonly FileStep[]
  /** What is in nobody's way: of an intent that is not committed what was prepared, of another what was there before. */
  readonly trash: readonly string[]
  /** Ids of containers that were stopped for it, in the order in which they are to run again. */
  readonly stopped: readonly string[]
  /** Those of them that stood still, and are to again. */
  readonly paused?: readonly string[]
}

/** Puts down what is about to be prepared; when this has returned it outlives the engine. SNAPSHOT_UNFINISHED. */
export function beginIntent(path: string, intent: Pick<Intent, 'trash' | 'stopped' | 'paused'>): void {
  if (existsSync(path))
    throw failure({
      code: 'SNAPSHOT_UNFINISHED',
      kind: 'conflict',
      summary: 'what a snapshot before this one has begun is not ended',
      hint: 'the next engine ends it: kill this one (its pid is in engine.lock) once what its log tells is mended',
    })
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeIntent(path, { ...intent, committed: false, steps: [] })
}

function writeIntent(path: string, intent: Omit<Intent, 'version'>): void {
  writeRecord(path, { version: 1, ...intent })
}

/** The intent that an engine was killed over, its steps done; undefined where there was none. */
export function finishFiles(path: string): Intent | undefined {
  const read = readRecord<Intent>(path, 1, isIntent)
  if (read === undefined || 'broken' in read) return undefined
  if (read.record.committed) carryOut(path, read.record)
  return read.record
}

/**
 * Puts an intent down that is decided, and does its steps: when this has returned none of them is done again, whatever becomes of what they have
 * made and of what they have put aside.
 */
export function carryOut(path: string, intent: Omit<Intent, 'version' | 'committed'>): void {
  writeIntent(path, { ...intent, committed: true })
  perform(intent.steps)
  writeIntent(path, { ...intent, committed: true, steps: [] })
}

function perform(steps: readonly FileStep[]): void {
  for (const step of steps) {
    switch (step.do) {
      case 'rename':
        if (existsSync(step.from) && !existsSync(step.to)) renameSync(step.from, step.to)
        break
      case 'folder':
        folderLike(step.path, step.like)
        break
      case 'write':
        mkdirSync(dirname(step.path), { recursive: true, mode: 0o700 })
        writeRecord(step.path, step.record)
        break
      default:
        step satisfies never
    }
  }
}

/** Removes what is in nobody's way any more, and then the intent. */
export async function endIntent(path: string, { trash }: Pick<Intent, 'trash'>): Promise<void> {
  for (const each of trash) await removeWritten(each)
  rmSync(path, { force: true })
}

/** How long a copy that nobody waits for any more may go on: it ends when the folder that it writes to has gone. */
const WRITTEN_MILLISECONDS = 30_000
const PAUSE_MILLISECONDS = 50

/** Of an engine that was killed the copying goes on: what it has written when a folder has been looked through keeps that from being removed. */
async function removeWritten(path: string): Promise<void> {
  const deadline = performance.now() + WRITTEN_MILLISECONDS
  for (;;) {
    try {
      return await removeTree(path)
    } catch (error) {
      if (errnoOf(error) !== 'ENOTEMPTY' || performance.now() > deadline) throw error
    }
    await sleep(PAUSE_MILLISECONDS)
  }
}

function isIntent(value: object): boolean {
  const { committed, steps, trash, stopped, paused = [] } = value as Partial<Intent>
  return typeof committed === 'boolean' && [steps, trash, stopped, paused].every(Array.isArray)
}
