import { once } from 'node:events'
import type { ContainerSummary } from '../../../api/types/index.ts'
import type { Docker } from '../../../client/index.ts'
import { nameOf } from '../../containers.ts'
import { type LogPrinter, logName } from '../../views/log-printer.ts'
import { type LogStream, readOutput } from '../../views/output-stream.ts'

/** What of the logs is wanted; times are unix seconds. */
export interface LogsRequest {
  readonly follow: boolean
  readonly tail: string
  readonly timestamps: boolean
  readonly services: readonly string[]
  readonly since?: number
  readonly until?: number
}

const SERVICE = 'com.docker.compose.service'

/** Prints what there is, one container after the other, so that their order is the same each time. */
export async function showLogs(
  docker: Docker,
  project: string,
  containers: readonly ContainerSummary[],
  printer: LogPrinter,
  request: LogsRequest,
): Promise<void> {
  for (const container of containers)
    await printLog(docker, container.Id, logName(nameOf(container), project), printer, request)
}

/** Follows them all, restarted and newly started ones too, until none runs or the signal aborts. */
export async function followLogs(
  docker: Docker,
  project: string,
  containers: readonly ContainerSummary[],
  printer: LogPrinter,
  request: LogsRequest,
  signal: AbortSignal,
): Promise<void> {
  const open = new Map<string, Promise<void>>()
  const follow = (id: string, name: string, wanted: LogsRequest): void => {
    if (open.has(id) || signal.aborted) return
    const printing = printLog(docker, id, name, printer, wanted, signal).finally(() => open.delete(id))
    open.set(id, printing)
  }
  const events = await docker.getEvents({
    filters: { type: ['container'], event: ['start'], label: [`com.docker.compose.project=${project}`] },
  })
  signal.addEventListener('abort', () => events.destroy(), { once: true })
  onLines(events, line => {
    const { Actor, timeNano } = JSON.parse(line)
    if (request.services.length > 0 && !request.services.includes(Actor.Attributes[SERVICE])) return
    const since = Number(timeNano) / 1e9
    follow(Actor.ID, logName(Actor.Attributes.name, project), { ...request, tail: 'all', since })
  })
  for (const container of containers) follow(container.Id, logName(nameOf(container), project), request)
  while (open.size > 0 && !signal.aborted) await Promise.race(open.values())
  events.destroy()
}

async function printLog(
  docker: Docker,
  id: string,
  name: string,
  printer: LogPrinter,
  request: LogsRequest,
  signal?: AbortSignal,
): Promise<void> {
  const container = docker.getContainer(id)
  const { Config } = await container.inspect()
  const tty = Config.Tty === true
  const print = (kind: LogStream, bytes: Buffer): void => printer.write(name, kind, bytes)
  const wanted = {
    stdout: true,
    stderr: true,
    tail: request.tail,
    timestamps: request.timestamps,
    ...(request.since === undefined ? {} : { since: request.since }),
    ...(request.until === undefined ? {} : { until: request.until }),
  }
  const options = { ...wanted, follow: request.follow }
  const stream = await docker.modem.stream('containerLogs', { params: { id }, options })
  signal?.addEventListener('abort', () => stream.destroy(), { once: true })
  readOutput(stream, tty, print, () => printer.room())
  await once(stream, 'close')
  printer.end(name)
}

function onLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') onLine(line)
  })
}
