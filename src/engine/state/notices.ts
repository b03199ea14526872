import { join } from 'node:path'
import { type Diagnostic, messageOf } from '../../diagnostics/index.ts'
import { keepNotice } from '../../linux/keep-notice.ts'
import type { EnginePaths } from './paths.ts'

/** What somebody must hear of: something of theirs is gone, or is not as they asked for. Else the log is word enough. */
const TOLD: readonly string[] = [
  'RECORD_BROKEN',
  'IMAGE_RECORD_BROKEN',
  'LIMIT_LOST',
  'USERNS_HOST',
  'BIND_OWNER',
]

/** Warnings go to the log, and those that somebody must hear of are kept for whoever types the next command. */
export function withNotices(
  { root }: Pick<EnginePaths, 'root'>,
  warn: (warning: Diagnostic) => void,
): (warning: Diagnostic) => void {
  return warning => {
    warn(warning)
    if (!TOLD.includes(warning.code)) return
    try {
      keepNotice(join(root, 'notices'), warning)
    } catch (error) {
      warn({ severity: 'warning', code: 'NOTICE_LOST', summary: `nobody will be told: ${messageOf(error)}` })
    }
  }
}
