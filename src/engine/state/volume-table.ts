import { randomBytes } from 'node:crypto'
import { readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { type Diagnostic, errnoOf, failure } from '../../diagnostics/index.ts'
import type { EnginePaths } from './paths.ts'
import { brokenRecordWarning, readRecord, writeRecord } from './record-files.ts'
import { isBound, type VolumeRecord } from './volume-record.ts'

/** All volumes by name, and their records on disk. */
export class VolumeTable {
  readonly #folder: string
  readonly #byName = new Map<string, VolumeRecord>()

  constructor(paths: EnginePaths) {
    this.#folder = join(paths.root, 'volumes')
  }

  /** Reads all records; returns a warning for each that had to be set aside. Their data stays where it is. */
  load(): Diagnostic[] {
    const warnings: Diagnostic[] = []
    for (const name of readdirSync(this.#folder)) {
      // A volume's name begins with no dot.
      if (name.startsWith('.')) continue
      const read = readRecord<VolumeRecord>(join(this.#folder, name, 'record.json'), 1, isVolumeRecord)
      if (read === undefined) continue
      if ('broken' in read) warnings.push(brokenRecordWarning('volume', read.broken))
      else this.#byName.set(read.record.name, read.record)
    }
    return warnings
  }

  values(): VolumeRecord[] {
    return [...this.#byName.values()]
  }

  find(name: string): VolumeRecord | undefined {
    return this.#byName.get(name)
  }

  /** VOLUME_NOT_FOUND when there is none. */
  resolve(name: string): VolumeRecord {
    const volume = this.#byName.get(name)
    if (volume !== undefined) return volume
    throw failure({ code: 'VOLUME_NOT_FOUND', kind: 'notFound', summary: `get ${name}: no such volume` })
  }

  /** ROOT/volumes/<name>. */
  folderOf(name: string): string {
    return join(this.#folder, name)
  }

  /** The file that has a volume's record. */
  recordOf(name: string): string {
    return join(this.folderOf(name), 'record.json')
  }

  /** Where the data is: ours, or the folder that a bind volume names. */
  dataOf(volume: VolumeRecord): string {
    const { device } = volume.options
    return device !== undefined && isBound(volume.options)
      ? device
      : join(this.folderOf(volume.name), '_data')
  }

  /** Where the frozen folder of that id is: beside the volumes, so that a volume's folder becomes one by a rename. Without an id all of them. */
  frozenFolder(id: string = ''): string {
    return join(this.#folder, '.frozen', id)
  }

  /** What a volume with a base has written since. */
  upperOf(name: string): string {
    return join(this.folderOf(name), 'upper')
  }

  /** The volume is as its record on disk says, which somebody else has written. */
  put(record: VolumeRecord): void {
    this.#byName.set(record.name, record)
  }

  save(record: VolumeRecord): void {
    writeRecord(this.recordOf(record.name), record)
    this.#byName.set(record.name, record)
  }

  /**
   * Takes record and data away by a rename, so that a volume that is made again never finds half of the old data, and what a crash leaves is among
   * `removed`. Answers the folders that are to be discarded.
   */
  delete(name: string): readonly string[] {
    const removed = join(this.#folder, `${REMOVED}${randomBytes(6).toString('hex')}`)
    this.#byName.delete(name)
    try {
      renameSync(this.folderOf(name), removed)
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return []
      throw error
    }
    return [removed]
  }

  /** Folders of crashed removals. */
  get removed(): readonly string[] {
    const left = readdirSync(this.#folder).filter(name => name.startsWith(REMOVED))
    return left.map(name => join(this.#folder, name))
  }
}

/** Prefix of folders that are being removed. */
const REMOVED = '.removed-'

function isVolumeRecord(value: object): boolean {
  const { name, created, labels, options } = value as Partial<VolumeRecord>
  return (
    typeof name === 'string' &&
    typeof created === 'string' &&
    typeof labels === 'object' &&
    typeof options === 'object'
  )
}
