import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Diagnostic, errnoOf } from '../diagnostics/index.ts'
import { writeFileAtomicSync } from './atomic-file.ts'

/** More than anybody reads; what is beyond stands in the log of whoever keeps them. */
const MOST = 50

/** A diagnostic that waits in a folder until somebody has read it. */
export interface Notice {
  readonly diagnostic: Diagnostic
  /** It was read: nobody else is told. Until then it stays, also where who was to read it dies. */
  readonly done: () => void
}

/**
 * Keeps a diagnostic for whoever comes next, a file each; the same one is kept once. Its folder is made when it is first
 * needed. Raises what the disk says.
 */
export function keepNotice(folder: string, diagnostic: Diagnostic): void {
  const text = JSON.stringify(diagnostic)
  const name = `${createHash('sha256').update(text).digest('hex').slice(0, 16)}.json`
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (namesIn(folder).length < MOST)
    writeFileAtomicSync(join(folder, name), Buffer.from(text), { durable: false })
}

/** What waits in a folder, in no particular order; none where this user may not look. */
export function waitingNotices(folder: string): readonly Notice[] {
  return namesIn(folder).flatMap(name => {
    const path = join(folder, name)
    const diagnostic = read(path)
    return diagnostic === undefined ? [] : [{ diagnostic, done: () => rmSync(path, { force: true }) }]
  })
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter(name => name.endsWith('.json'))
  } catch (error) {
    if (isOutOfReach(error)) return []
    throw error
  }
}

/** Undefined for one that somebody else has just read, and for what is none. */
function read(path: string): Diagnostic | undefined {
  try {
    const { severity = 'warning', code, summary, ...rest } = JSON.parse(readFileSync(path, 'utf8'))
    return typeof code === 'string' && typeof summary === 'string'
      ? { severity, code, summary, ...rest }
      : undefined
  } catch (error) {
    if (isOutOfReach(error) || error instanceof SyntaxError) return undefined
    throw error
  }
}

function isOutOfReach(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EACCES'].includes(errnoOf(error) ?? '')
}
