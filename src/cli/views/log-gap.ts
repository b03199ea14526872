import { renderDiagnostics } from '../../diagnostics/index.ts'
import { approximateBytes } from '../../notation/index.ts'
import type { LogGap } from '../../project/logs/container-log.ts'
import type { CommandContext } from '../command.ts'
import { useColor } from '../global-options.ts'

/** Says on standard error that lines are missing here, and how many. */
export function warnOfGap({ globals, streams, env }: CommandContext, name: string, gap: LogGap): void {
  const warning = {
    severity: 'warning',
    code: 'LOG_GONE',
    summary: `${name}: ${describe(gap)}`,
    hint: 'to keep more, set max-size and max-file in `logging.options`',
  } as const
  streams.stderr.write(`${renderDiagnostics([warning], { color: useColor(globals, streams.stderr, env) })}\n`)
}

function describe(gap: LogGap): string {
  const lines = gap.lines?.toLocaleString('en')
  if (gap.place === 'beginning')
    return `the first ${lines} lines (${approximateBytes(gap.bytes)}) are gone: the log was rotated`
  if (lines === undefined) return 'lines may be missing here: the log was rotated while its engine was gone'
  return `${lines} lines are missing here: the log was rotated while its engine was gone`
}
