import type { LogOptions, LogStream } from '../../api/types/index.ts'
import { Failure, failure, messageOf } from '../../diagnostics/index.ts'
import { isUnknownToMonitor, type MonitorConnection } from '../../native/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { pruneUnfollowed } from './prune.ts'
import { type LogHold, openLog } from './read.ts'

/** `GET /containers/{id}/logs`. LOG_UNREADABLE with log driver `none`. */
export async function openContainerLog(
  engine: Pick<EngineContext, 'native' | 'warn'>,
  container: Container,
  options: LogOptions,
  signal: AbortSignal,
): Promise<LogStream> {
  const { log, stdio } = container.terms
  if (log.kept === undefined) {
    throw failure({
      code: 'LOG_UNREADABLE',
      kind: 'notImplemented',
      summary: 'configured logging driver does not support reading',
    })
  }
  const { live } = container
  const ended = live?.settled.then(() => container.monitorGone)
  const source = { path: container.paths.log, ended, hold: () => holdLog(engine, container) }
  return { tty: stdio.tty, details: detailsOf(container), ...(await openLog(source, options, signal)) }
}

/** What the log options `labels`, `env` and their regular expressions choose of the container, and `tag`, sorted by name. */
function detailsOf({ record, terms }: Container): string {
  const { options } = terms.log
  const env = terms.process.env.map((entry): [string, string] => {
    const equals = entry.indexOf('=')
    return [entry.slice(0, equals), entry.slice(equals + 1)]
  })
  const chosen = [
    ...chosenBy(Object.entries(record.config.Labels ?? {}), options['labels'], options['labels-regex']),
    ...chosenBy(env, options['env'], options['env-regex']),
    ...(options['tag'] ? [['tag', options['tag']] as const] : []),
  ]
  const sorted = [...new Map(chosen)].sort(([a], [b]) => (a < b ? -1 : 1))
  return sorted.map(pair => pair.map(encodeURIComponent).join('=')).join(',')
}

function chosenBy(
  pairs: readonly (readonly [string, string])[],
  names: string = '',
  pattern: string | undefined,
): (readonly [string, string])[] {
  const wanted = names.split(',')
  const expression = pattern ? new RegExp(pattern) : undefined
  return pairs.filter(([name]) => wanted.includes(name) || expression?.test(name) === true)
}

/** What the monitor left when it ended goes with the last who held it. */
async function holdLog(
  engine: Pick<EngineContext, 'native' | 'warn'>,
  container: Container,
): Promise<LogHold> {
  container.logFollowers += 1
  const hold = await holdByMonitor(engine, container)
  return {
    keepFrom: number => hold?.keepFrom(number),
    release: () => {
      hold?.release()
      container.logFollowers -= 1
      pruneUnfollowed(container).catch(error =>
        engine.warn({ severity: 'warning', code: 'CLEAR_RUN', summary: messageOf(error) }),
      )
    },
  }
}

/**
 * By a connection of its own, with which it ends. Undefined when the monitor is about to end, for nothing is rotated then, and where
 * it is of a version that keeps nothing for readers: one who is slow may miss a file there.
 */
async function holdByMonitor(
  engine: Pick<EngineContext, 'native'>,
  container: Container,
): Promise<LogHold | undefined> {
  let connection: MonitorConnection | undefined
  try {
    connection = await engine.native.connectMonitor(container.paths.socket)
    await connection.follow(1)
  } catch (error) {
    connection?.close()
    if (!isUnknownToMonitor(error)) ignoreGone(error)
    return undefined
  }
  const held = connection
  return {
    keepFrom: number => void held.follow(number).catch(ignoreGone),
    release: () => held.close(),
  }
}

function ignoreGone(error: unknown): void {
  if (!(error instanceof Failure && error.code === 'MONITOR_GONE')) throw error
}
