import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Diagnostic, errnoOf } from '../diagnostics/index.ts'

/** A diagnostic that waits in a folder until somebody has read it. */
export interface Notice {
  readonly diagnostic: Diagnostic
  /** It was read: nobody else is told. Until then it stays, also where who was to read it dies. */
  readonly done: () => void
}

/** What waits in a folder, in no particular order; none where this user may not look. */
export function waitingNotices(folder: string): readonly Notice[] {
  return namesIn(folder).flatMap(name => {
    const path = join(folder, name)
    const diagnostic = read(path)
    return diagnostic === undefined ? [] : [{ diagnostic, done: () => rmSync(path, { force: true }) }]
  })
}

/** File names of what waits in a folder. */
export function namesIn(folder: string): string[] {
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
