import type { Diagnostic } from '../../diagnostics/index.ts'
import { brokenRecordWarning, readRecord } from '../state/record-files.ts'

/** ROOT/names/<project>.json: names of services that have no container, any more or yet. */
interface LeftRecord {
  readonly version: 1
  readonly services: Readonly<Record<string, readonly string[]>>
  /** What services of the file are called that have no container yet, as whoever brought it up has told. */
  readonly told?: readonly string[]
}

/** What the record of a project has. */
export interface KeptNames {
  /** By service. */
  readonly left: Map<string, readonly string[]>
  told: readonly string[]
}

/** Nothing where there is no record, or none that can be read, of which it warns. */
export function readKept(path: string, warn: (warning: Diagnostic) => void): KeptNames {
  const read = readRecord<LeftRecord>(path, 1, isLeftRecord)
  if (read !== undefined && 'broken' in read) warn(brokenRecordWarning('names', read.broken))
  const { services = {}, told = [] } = read !== undefined && 'record' in read ? read.record : {}
  return { left: new Map(Object.entries(services)), told }
}

/** The text of the record. */
export function textOf({ left, told }: KeptNames): string {
  const record: LeftRecord = {
    version: 1,
    services: Object.fromEntries(left),
    ...(told.length === 0 ? {} : { told }),
  }
  return `${JSON.stringify(record)}\n`
}

function isLeftRecord(value: object): boolean {
  const { services, told = [] } = value as Partial<LeftRecord>
  const isTexts = (list: unknown): boolean =>
    Array.isArray(list) && list.every(each => typeof each === 'string')
  return (
    typeof services === 'object' && services !== null && [...Object.values(services), told].every(isTexts)
  )
}
