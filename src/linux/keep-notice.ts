// Apart from reading: each command reads, few keep one, and what that takes is slow to load.
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Diagnostic } from '../diagnostics/index.ts'
import { writeFileAtomicSync } from './atomic-file.ts'
import { namesIn } from './notices.ts'

/** More than anybody reads; what is beyond stands in the log of whoever keeps them. */
const MOST = 50

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
