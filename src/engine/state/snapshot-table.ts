import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Diagnostic, failure } from '../../diagnostics/index.ts'
import type { EnginePaths } from './paths.ts'
import { brokenRecordWarning, readRecord } from './record-files.ts'
import type { SnapshotRecord } from './snapshot-record.ts'

/** All snapshots, and their records on disk. What they are made of lies beside the volumes. */
export class SnapshotTable {
  readonly #folder: string
  readonly #byPath = new Map<string, SnapshotRecord>()

  constructor(paths: EnginePaths) {
    this.#folder = join(paths.root, 'snapshots')
  }

  /** Reads all records; returns a warning for each that had to be set aside. */
  load(): Diagnostic[] {
    const warnings: Diagnostic[] = []
    // It is made with the first snapshot.
    if (!existsSync(this.#folder)) return warnings
    for (const entry of readdirSync(this.#folder, { withFileTypes: true }).filter(each => each.isDirectory()))
      for (const name of readdirSync(join(this.#folder, entry.name))) {
        const path = join(this.#folder, entry.name, name)
        const read = name.endsWith('.json') ? readRecord<SnapshotRecord>(path, 1, isSnapshot) : undefined
        if (read === undefined) continue
        if ('broken' in read) warnings.push(brokenRecordWarning('snapshot', read.broken))
        else this.put(read.record)
      }
    return warnings
  }

  values(): SnapshotRecord[] {
    return [...this.#byPath.values()]
  }

  find(project: string, name: string): SnapshotRecord | undefined {
    return this.#byPath.get(this.pathOf(project, name))
  }

  /** SNAPSHOT_NOT_FOUND when there is none. */
  resolve(project: string, name: string): SnapshotRecord {
    const found = this.find(project, name)
    if (found !== undefined) return found
    throw failure({
      code: 'SNAPSHOT_NOT_FOUND',
      kind: 'notFound',
      summary: `project "${project}" has no snapshot "${name}"`,
      facts: { project, name },
      hint: 'tscompose snapshot ls tells which there are',
    })
  }

  pathOf(project: string, name: string): string {
    return join(this.#folder, project, `${name}.json`)
  }

  /** What an engine is about to change, for the next one if this is killed over it. */
  get intent(): string {
    return join(this.#folder, 'intent.json')
  }

  /** It is on disk already. */
  put(record: SnapshotRecord): void {
    this.#byPath.set(this.pathOf(record.project, record.name), record)
  }

  delete({ project, name }: SnapshotRecord): void {
    const path = this.pathOf(project, name)
    rmSync(path, { force: true })
    this.#byPath.delete(path)
  }
}

function isSnapshot(value: object): boolean {
  const { project, name, volumes, roots } = value as Partial<SnapshotRecord>
  return (
    typeof project === 'string' && typeof name === 'string' && Array.isArray(volumes) && Array.isArray(roots)
  )
}
