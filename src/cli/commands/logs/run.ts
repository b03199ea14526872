import { failure } from '../../../diagnostics/index.ts'
import { type LogsRequest, openLogs } from '../../../project/logs/open-logs.ts'
import type { CommandContext } from '../../command.ts'
import { EXIT } from '../../exit-codes.ts'
import { useColor } from '../../global-options.ts'
import { watchInterrupts } from '../../interrupt.ts'
import { readMoment } from '../../moment.ts'
import { given } from '../../option.ts'
import { targetOf } from '../../target.ts'
import { warnOfGap } from '../../views/log-gap.ts'
import { LogPrinter } from '../../views/log-printer.ts'

export interface LogsFlags {
  readonly follow: boolean
  readonly tail: string | undefined
  readonly timestamps: boolean
  readonly since: string | undefined
  readonly until: string | undefined
  readonly noColor: boolean
  readonly noLogPrefix: boolean
  readonly index: number | undefined
}

/** Shows the logs of the services, or of all; returns the exit status. Errors: FLAG_VALUE, FLAG_CONFLICT. */
export async function runLogs(
  context: CommandContext,
  services: readonly string[],
  flags: LogsFlags,
): Promise<number> {
  const request = readRequest(services, flags)
  const logs = await openLogs(targetOf(context), { ...request, timestamps: flags.timestamps })
  const printer = makePrinter(context, flags)
  for (const { shortName } of logs.containers) printer.register(shortName)
  const interrupts = request.follow === true ? watchInterrupts(context.signals) : undefined
  try {
    await logs.read(
      {
        onLines: ({ shortName }, stream, lines) => printer.lines(shortName, stream, lines),
        onGap: ({ shortName }, gap) => warnOfGap(context, shortName, gap),
        room: () => printer.room(),
      },
      interrupts?.graceful,
    )
  } finally {
    interrupts?.dispose()
  }
  return EXIT.ok
}

/** What is asked for, of what was given. Errors: FLAG_VALUE, FLAG_CONFLICT. */
export function readRequest(
  services: readonly string[],
  flags: Omit<LogsFlags, 'noColor' | 'noLogPrefix'>,
): LogsRequest {
  const { follow, tail = 'all', since, until, index } = flags
  if (tail !== 'all' && !/^-?\d+$/.test(tail))
    throw failure({
      code: 'FLAG_VALUE',
      kind: 'invalidArgument',
      summary: `--tail: got "${tail}", want a number or all`,
    })
  if (index !== undefined && services.length !== 1)
    throw failure({
      code: 'FLAG_CONFLICT',
      kind: 'invalidArgument',
      summary: '--index needs exactly one service',
    })
  return {
    follow,
    services,
    ...given({
      index,
      // Fewer than none are all, as with Docker Compose.
      tail:
        tail === 'all' || tail.startsWith('-') ? undefined : Math.min(Number(tail), Number.MAX_SAFE_INTEGER),
      since: since === undefined ? undefined : readMoment('--since', since),
      until: until === undefined ? undefined : readMoment('--until', until),
    }),
  }
}

/** Both streams go to standard output, as Compose's `logs` does: what is asked for is the log. */
export function makePrinter(
  context: CommandContext,
  { noColor, noLogPrefix }: Pick<LogsFlags, 'noColor' | 'noLogPrefix'>,
): LogPrinter {
  const { stdout } = context.streams
  return new LogPrinter({
    stdout,
    stderr: stdout,
    color: !noColor && useColor(context.globals, stdout, context.env),
    prefix: !noLogPrefix,
  })
}
