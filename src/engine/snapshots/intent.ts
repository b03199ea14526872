import { existsSync, mkdirSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { errnoOf, Failure, failure, messageOf } from '../../diagnostics/index.ts'
import { writeFileAtomicSync } from '../../linux/atomic-file.ts'
import { readIfThereSync } from '../../linux/read-if-there.ts'
import type { EngineContext } from '../state/context.ts'
import { discard } from '../state/discards.ts'
import { readRecord, type Versioned, writeRecord } from '../state/record-files.ts'
import type { SnapshotTable } from '../state/snapshot-table.ts'
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
  /** Of one that is committed what was prepared, which nobody needs where a step cannot be done. */
  readonly prepared?: readonly string[]
  /** Those of them that stood still, and are to again. */
  readonly paused?: readonly string[]
}

/** Puts down what is about to be prepared; when this has returned it outlives the engine. */
export function beginIntent(path: string, intent: Pick<Intent, 'trash' | 'stopped' | 'paused'>): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeIntent(path, { ...intent, committed: false, steps: [] })
}

function writeIntent(path: string, intent: Omit<Intent, 'version'>): void {
  writeRecord(path, { version: 1, ...intent })
}

/** The intent that is not ended, its steps done, or, where one cannot be done, undone; undefined where there is none. SNAPSHOT_UNFINISHED. */
export function finishFiles(path: string, warn: EngineContext['warn']): Intent | undefined {
  const read = readRecord<Intent>(path, 1, isIntent)
  if (read === undefined || 'broken' in read) return undefined
  const { record } = read
  if (!record.committed) return record
  try {
    carryOut(path, record)
    return record
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'SNAPSHOT_BLOCKED') throw error
    for (const each of error.diagnostics) warn({ ...each, severity: 'warning' })
    return { ...record, trash: record.prepared ?? [] }
  }
}

/**
 * Puts an intent down that is decided, and does its steps: when this has returned none of them is done again, whatever becomes of what they have
 * made and of what they have put aside. Where one cannot be done everything is as it was: SNAPSHOT_BLOCKED, or what the disk said; but
 * SNAPSHOT_UNFINISHED where not even that could be.
 */
export function carryOut(path: string, intent: Omit<Intent, 'version' | 'committed'>): void {
  writeIntent(path, { ...intent, committed: true })
  const undo: (() => void)[] = []
  // Behind the folders, which more keeps from being renamed than a record from being written.
  const records = intent.steps.filter(step => step.do === 'write')
  try {
    for (const step of intent.steps) if (step.do !== 'write') undo.push(perform(step))
    for (const step of records) undo.push(perform(step))
  } catch (error) {
    undoAll(undo)
    throw errnoOf(error) === undefined ? error : blocked(error)
  }
  try {
    writeIntent(path, { ...intent, committed: true, steps: [] })
  } catch {
    // There may be no room for it: who is killed now leaves what was put aside, and nobody does the steps again.
    rmSync(path)
  }
}

function undoAll(undo: readonly (() => void)[]): void {
  try {
    for (const each of undo.toReversed()) each()
  } catch (error) {
    throw unfinished(error)
  }
}

/** Answers what undoes it. */
function perform(step: FileStep): () => void {
  switch (step.do) {
    case 'rename': {
      const { from, to } = step
      if (existsSync(from) && !existsSync(to)) renameSync(from, to)
      // What an engine before this one has renamed is undone, too; an empty folder that was made there since gives way.
      return () => {
        if (existsSync(to)) renameSync(to, from)
      }
    }
    case 'folder': {
      if (existsSync(step.path)) return () => undefined
      folderLike(step.path, step.like)
      return () => rmdirSync(step.path)
    }
    case 'write': {
      mkdirSync(dirname(step.path), { recursive: true, mode: 0o700 })
      const before = readIfThereSync(step.path)
      writeRecord(step.path, step.record)
      return () =>
        before === undefined ? rmSync(step.path) : writeFileAtomicSync(step.path, Buffer.from(before))
    }
    default:
      return step satisfies never
  }
}

function blocked(cause: unknown): Failure {
  return failure({
    code: 'SNAPSHOT_BLOCKED',
    kind: 'conflict',
    summary: `a folder of the project cannot be put aside: ${messageOf(cause)}`,
    hint: 'see whether something is mounted there (findmnt), or it is immutable (lsattr -d); everything is as it was before',
    cause,
  })
}

/** Whether files are neither as they were nor as they are to be: then nobody is to start on them. */
export function isUnfinished(error: unknown): boolean {
  return error instanceof Failure && error.code === 'SNAPSHOT_UNFINISHED'
}

function unfinished(cause: unknown): Failure {
  return failure({
    code: 'SNAPSHOT_UNFINISHED',
    kind: 'conflict',
    summary: `what a snapshot has begun can neither be ended nor undone: ${messageOf(cause)}`,
    hint: 'mend that: the next snapshot ends it, as the next engine does',
    cause,
  })
}

/** Discards what is in nobody's way any more, and removes the intent. */
export async function endIntent(
  engine: Pick<EngineContext, 'paths' | 'warn'> & { readonly snapshots: Pick<SnapshotTable, 'intent'> },
  { trash }: Pick<Intent, 'trash'>,
): Promise<void> {
  await discard(engine, trash)
  rmSync(engine.snapshots.intent, { force: true })
}

function isIntent(value: object): boolean {
  const { committed, steps, trash, stopped, paused = [] } = value as Partial<Intent>
  return typeof committed === 'boolean' && [steps, trash, stopped, paused].every(Array.isArray)
}
