import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Diagnostic } from '../../diagnostics/index.ts'
import { Container } from './container.ts'
import type { ContainerRecord, RunRecord } from './container-record.ts'
import type { ContainerTable } from './container-table.ts'
import { containerPaths, type EnginePaths } from './paths.ts'
import { brokenRecordWarning, readRecord } from './record-files.ts'

/** What was found on disk. */
export interface LoadedContainers {
  readonly warnings: readonly Diagnostic[]
  readonly leftovers: Leftovers
}

/** What a crash has cut off. */
export interface Leftovers {
  /** Folders without a record, by their ids: of creates and removals. */
  readonly folders: readonly string[]
  /** Ids of containers whose removal nobody has been told. */
  readonly untold: readonly string[]
}

const ID = /^[0-9a-f]{64}$/
const REMOVED = /^([0-9a-f]{64})\.removed$/

/** Reads all containers' records into the table. */
export function loadContainers(paths: EnginePaths, table: ContainerTable): LoadedContainers {
  const folder = join(paths.root, 'containers')
  const warnings: Diagnostic[] = []
  const folders: string[] = []
  const names = readdirSync(folder)
  for (const id of names.filter(name => ID.test(name))) {
    const own = containerPaths(paths, id)
    const read = readRecord<ContainerRecord>(own.record, 1, value => isContainerRecord(value, id))
    if (read === undefined) folders.push(id)
    else if ('broken' in read) warnings.push(brokenRecordWarning('container', read.broken))
    else if (table.isNameTaken(read.record.name)) {
      warnings.push({
        severity: 'warning',
        code: 'NAME_IN_USE',
        summary: `container ${id} has the name "${read.record.name}" of another and is called by its id now`,
      })
      table.add(new Container({ ...withRun(read.record, own.state, warnings), name: id.slice(0, 12) }, own))
    } else table.add(new Container(withRun(read.record, own.state, warnings), own))
  }
  const untold = names.flatMap(name => REMOVED.exec(name)?.[1] ?? [])
  return { warnings, leftovers: { folders, untold } }
}

/** What a container was whose removal a crash cut off; undefined where that is lost. */
export function readRemoved(paths: EnginePaths, id: string): ContainerRecord | undefined {
  const read = readRecord<ContainerRecord>(containerPaths(paths, id).removed, 1, value =>
    isContainerRecord(value, id),
  )
  return read !== undefined && 'record' in read ? read.record : undefined
}

/** With the newest of what changes at each run; where it is lost, a run that goes on is found again (restore-run.ts). */
function withRun(record: ContainerRecord, path: string, warnings: Diagnostic[]): ContainerRecord {
  const read = readRecord<RunRecord>(path, 1, value => {
    const { endpoints, ports, state } = value as Partial<RunRecord>
    return Array.isArray(endpoints) && Array.isArray(ports) && isObject(state)
  })
  if (read !== undefined && 'broken' in read) warnings.push(brokenRecordWarning('run', read.broken))
  return read !== undefined && 'record' in read ? { ...record, ...read.record } : record
}

function isContainerRecord(value: object, id: string): boolean {
  const record = value as Partial<ContainerRecord>
  return (
    record.id === id &&
    typeof record.name === 'string' &&
    typeof record.created === 'string' &&
    typeof record.imageId === 'string' &&
    isObject(record.config) &&
    isObject(record.hostConfig) &&
    isObject(record.state) &&
    [record.argv, record.mounts, record.endpoints, record.ports].every(Array.isArray)
  )
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
