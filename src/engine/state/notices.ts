import { join } from 'node:path'
import { type Diagnostic, messageOf } from '../../diagnostics/index.ts'
import { keepNotice } from '../../linux/keep-notice.ts'
import type { ContainerRecord } from './container-record.ts'
import type { EnginePaths } from './paths.ts'
import { projectLabel } from './project.ts'

/** What somebody must hear of: something of theirs is gone, or is not as they asked for. Else the log is word enough. */
const TOLD: readonly string[] = [
  'RECORD_BROKEN',
  'IMAGE_RECORD_BROKEN',
  'LIMIT_LOST',
  'USERNS_HOST',
  'BIND_OWNER',
  'REMOVAL_LATER',
  'FIREWALL_CLOSED',
  'NAME_SILENT',
]

/** A warning that is about a container, and so for those who work on its project. */
export function warningOf(
  container: { readonly record: Pick<ContainerRecord, 'config'> },
  warning: Pick<Diagnostic, 'code' | 'summary'>,
): Diagnostic {
  return { severity: 'warning', ...warning, facts: { project: projectLabel(container) ?? '' } }
}

/** Warnings go to the log, and those that somebody must hear of are kept for whoever types the next command. */
export function withNotices(
  { root }: Pick<EnginePaths, 'root'>,
  warn: (warning: Diagnostic) => void,
): (warning: Diagnostic) => void {
  return warning => {
    warn(warning)
    // One of no project is a client's of the API, who is told by his answers.
    if (!TOLD.includes(warning.code) || warning.facts?.['project'] === '') return
    try {
      keepNotice(join(root, 'notices'), warning)
    } catch (error) {
      warn({ severity: 'warning', code: 'NOTICE_LOST', summary: `nobody will be told: ${messageOf(error)}` })
    }
  }
}
