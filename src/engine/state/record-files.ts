import { closeSync, constants, ftruncateSync, openSync, readFileSync, renameSync } from 'node:fs'
import {
  type Diagnostic,
  diskFull,
  diskUnwritable,
  errnoOf,
  failure,
  isDiskFull,
  messageOf,
} from '../../diagnostics/index.ts'
import { writeAllSync, writeFileAtomicSync, writeFileSynced } from '../../linux/atomic-file.ts'

/** Every record says which version of its shape it has; a reader that does not know it sets the file aside. */
export interface Versioned {
  readonly version: number
}

/** A record that could not be read: where it lies now, and why. */
export interface BrokenRecord {
  readonly path: string
  readonly movedTo: string
  readonly reason: string
}

/**
 * Writes `record` so that a reader, or the next engine after a crash or a full disk, sees either the old text or the
 * new one: temp file in the same folder, data synced, rename.
 */
export function writeRecord(path: string, record: Versioned): void {
  try {
    writeFileAtomicSync(path, textOf(record))
  } catch (error) {
    throw writeFailure(path, error)
  }
}

/** As `writeRecord`, while the engine does other things: ten containers made at once share the wait for the disk. */
export async function writeRecordAside(path: string, record: Versioned): Promise<void> {
  try {
    await writeFileSynced(path, textOf(record))
  } catch (error) {
    throw writeFailure(path, error)
  }
}

/**
 * Overwrites `path` in place, padded to whole pages, and does not wait for the disk. A reader sees the old or the new
 * text, since one write of a page cannot be cut by a crash of the engine; a power cut may cost both. A tenth of what a
 * rename costs, for what changes at each start and is worthless after a reboot. `before`: how long the file is, where that is known; returns how long it
 * is now.
 */
export function writeVolatile(path: string, record: Versioned, before?: number): number {
  const text = textOf(record)
  const padded = Buffer.alloc(Math.ceil(text.length / PAGE) * PAGE, ' ')
  text.copy(padded)
  try {
    const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o600)
    try {
      writeAllSync(fd, padded)
      if (before !== padded.length) ftruncateSync(fd, padded.length)
    } finally {
      closeSync(fd)
    }
    return padded.length
  } catch (error) {
    throw writeFailure(path, error)
  }
}

const PAGE = 4096

function textOf(record: Versioned): Buffer {
  return Buffer.from(`${JSON.stringify(record)}\n`)
}

function writeFailure(path: string, error: unknown): Error {
  const summary = `write record "${path}": ${messageOf(error)}`
  if (isDiskFull(error)) return diskFull(summary, error)
  return (
    diskUnwritable(summary, error) ??
    failure({ code: 'RECORD_WRITE', kind: 'internal', summary, cause: error })
  )
}

/**
 * Reads the record at `path`: undefined when there is none, a `BrokenRecord` when it cannot be used (it is moved to
 * `<path>.broken` so that it neither stops the engine nor gets lost).
 */
export function readRecord<T extends Versioned>(
  path: string,
  version: T['version'],
  isValid: (value: object) => boolean,
): { readonly record: T } | { readonly broken: BrokenRecord } | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined
    return { broken: setAside(path, messageOf(error)) }
  }
  const value = parse(text)
  if (value === undefined) return { broken: setAside(path, 'not a JSON object') }
  if (!('version' in value) || value.version !== version) {
    return { broken: setAside(path, `want version ${version}, got ${JSON.stringify(Object(value).version)}`) }
  }
  if (!isValid(value)) return { broken: setAside(path, 'fields are missing or of the wrong type') }
  return { record: value as T }
}

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function setAside(path: string, reason: string): BrokenRecord {
  const movedTo = `${path}.broken`
  try {
    renameSync(path, movedTo)
  } catch (error) {
    return { path, movedTo: path, reason: `${reason}; it could not be set aside: ${messageOf(error)}` }
  }
  return { path, movedTo, reason }
}

/** The warning for a record that was set aside. */
export function brokenRecordWarning(noun: string, broken: BrokenRecord): Diagnostic {
  return {
    severity: 'warning',
    code: 'RECORD_BROKEN',
    summary: `${noun} record "${broken.path}" cannot be used: ${broken.reason}`,
    detail: `it lies at "${broken.movedTo}" now`,
  }
}
