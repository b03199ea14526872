import type { ContainerSummary } from '../../../api/types/index.ts'
import type { Docker } from '../../../client/index.ts'
import { failure } from '../../../diagnostics/index.ts'
import { parseMoment } from '../../../notation/index.ts'
import {
  checkServices,
  isOneOff,
  listProjectContainers,
  logName,
  nameOf,
  numberOf,
  serviceOf,
} from '../../../project/containers.ts'
import { connectEngine } from '../../../project/engine.ts'
import { followLogs, type LogsContext, type LogsRequest, showLogs } from '../../../project/logs/logs.ts'
import { resolveProject, serviceNames } from '../../../project/project-name.ts'
import type { CommandContext } from '../../command.ts'
import { EXIT } from '../../exit-codes.ts'
import { useColor } from '../../global-options.ts'
import { watchInterrupts } from '../../interrupt.ts'
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
  const named = await resolveProject(targetOf(context), { needsModel: services.length > 0 })
  if (named.project) checkServices(serviceNames(named.project), services)
  const docker = await connectEngine(context.env)
  const containers = await select(docker, named.name, services, flags.index)
  const printer = makePrinter(context, flags)
  for (const container of containers) printer.register(logName(nameOf(container), named.name))
  const logs: LogsContext = {
    docker,
    project: named.name,
    printer,
    reconnect: () => connectEngine(context.env),
    onGap: (name, gap) => warnOfGap(context, name, gap),
  }
  if (!request.follow) {
    await showLogs(logs, containers, request)
    return EXIT.ok
  }
  const interrupts = watchInterrupts()
  try {
    await followLogs(logs, containers, request, interrupts.graceful)
  } finally {
    interrupts.dispose()
  }
  return interrupts.graceful.aborted ? EXIT.interrupted : EXIT.ok
}

function readRequest(services: readonly string[], flags: LogsFlags): LogsRequest {
  const { follow, tail = 'all', timestamps, since, until, index } = flags
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
    tail: tail.startsWith('-') ? 'all' : tail,
    timestamps,
    services,
    ...(since === undefined ? {} : { since: instant('--since', since) }),
    ...(until === undefined ? {} : { until: instant('--until', until) }),
  }
}

/** RFC 3339, unix seconds, or how long ago (`42m`, `1h30m`), as unix seconds. */
function instant(flag: string, text: string): number {
  const milliseconds = parseMoment(text, Date.now())
  if (milliseconds !== undefined) return milliseconds / 1000
  throw failure({
    code: 'FLAG_VALUE',
    kind: 'invalidArgument',
    summary: `${flag}: got "${text}", want a time such as 2026-01-02T13:23:37Z or 42m`,
  })
}

async function select(
  docker: Docker,
  project: string,
  services: readonly string[],
  index: number | undefined,
): Promise<readonly ContainerSummary[]> {
  const all = await listProjectContainers(docker, project, true)
  return all.filter(
    container =>
      !isOneOff(container) &&
      (services.length === 0 || services.includes(serviceOf(container))) &&
      (index === undefined || numberOf(container) === index),
  )
}

/** Both streams go to standard output, as Compose's `logs` does: what is asked for is the log. */
function makePrinter(context: CommandContext, { noColor, noLogPrefix }: LogsFlags): LogPrinter {
  const { stdout } = context.streams
  return new LogPrinter({
    stdout,
    stderr: stdout,
    color: !noColor && useColor(context.globals, stdout, context.env),
    prefix: !noLogPrefix,
  })
}
