import type { Readable } from 'node:stream'
import type { Docker } from '../client/index.ts'

export { oomOfEvent, oomText } from '../executor/oom-text.ts'

/** What happened to a container of the project. */
export interface ContainerEvent {
  readonly action: string
  readonly id: string
  readonly name: string
  readonly service: string
  /** Unix seconds. */
  readonly time: number
  /** Of `die`. */
  readonly exitCode?: number
  /** The container's labels, and what the event has of its own. */
  readonly attributes: Readonly<Record<string, string>>
}

interface Listener {
  readonly onEvent: (event: ContainerEvent) => void
  /** The connection ended, though nobody closed it: the engine has died. */
  readonly onLost: () => void
}

interface Message {
  readonly Action?: string
  readonly timeNano?: number
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Readonly<Record<string, string>> }
}

/** Listens to the events of a project's containers until the signal; resolves as soon as the engine sends them. */
export async function watchContainerEvents(
  docker: Docker,
  project: string,
  signal: AbortSignal,
  listener: Listener,
): Promise<void> {
  const stream = await openContainerEvents(docker, project)
  // It may have come while the engine was asked: nothing more would tell.
  if (signal.aborted) return void stream.destroy()
  signal.addEventListener('abort', () => stream.destroy(), { once: true })
  const take = eventReader()
  stream.on('data', (text: string) => {
    for (const event of take(text)) listener.onEvent(event)
  })
  // 'close' follows, and tells the same.
  stream.on('error', () => undefined)
  stream.on('close', () => {
    if (!signal.aborted) listener.onLost()
  })
}

/**
 * The events of a project's containers as text in JSON lines; from `since` on (unix seconds), as far as the engine remembers,
 * up to `until`.
 */
export async function openContainerEvents(
  docker: Docker,
  project: string,
  { since, until }: { readonly since?: number; readonly until?: number | undefined } = {},
): Promise<Readable> {
  const stream = await docker.getEvents({
    filters: { type: ['container'], label: [`com.docker.compose.project=${project}`] },
    ...(since === undefined ? {} : { since: since.toFixed(9) }),
    ...(until === undefined ? {} : { until: until.toFixed(9) }),
  })
  return stream.setEncoding('utf8')
}

/** Cuts text into lines, wherever it was cut before, and reads them. */
export function eventReader(): (text: string) => readonly ContainerEvent[] {
  let rest = ''
  return text => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    return lines.filter(line => line.trim() !== '').map(line => readEvent(JSON.parse(line)))
  }
}

function readEvent({ Action = '', Actor, timeNano = 0 }: Message): ContainerEvent {
  const attributes = Actor?.Attributes ?? {}
  return {
    action: Action,
    id: Actor?.ID ?? '',
    name: attributes['name'] ?? '',
    service: attributes['com.docker.compose.service'] ?? '',
    time: timeNano / 1e9,
    ...(attributes['exitCode'] === undefined ? {} : { exitCode: Number(attributes['exitCode']) }),
    attributes,
  }
}
