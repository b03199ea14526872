import type { Docker } from '../client/index.ts'

/** What happened to a container of the project. */
export interface ContainerEvent {
  readonly action: string
  readonly id: string
  readonly name: string
  readonly service: string
  /** Unix seconds. */
  readonly time: number
  /** Of `die`. */
  readonly exitCode: number
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
  const stream = await docker.getEvents({
    filters: { type: ['container'], label: [`com.docker.compose.project=${project}`] },
  })
  // It may have come while the engine was asked: nothing more would tell.
  if (signal.aborted) return void stream.destroy()
  signal.addEventListener('abort', () => stream.destroy(), { once: true })
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') listener.onEvent(readEvent(JSON.parse(line)))
  })
  // 'close' follows, and tells the same.
  stream.on('error', () => undefined)
  stream.on('close', () => {
    if (!signal.aborted) listener.onLost()
  })
}

function readEvent({ Action = '', Actor, timeNano = 0 }: Message): ContainerEvent {
  const attributes = Actor?.Attributes ?? {}
  return {
    action: Action,
    id: Actor?.ID ?? '',
    name: attributes['name'] ?? '',
    service: attributes['com.docker.compose.service'] ?? '',
    time: timeNano / 1e9,
    exitCode: Number(attributes['exitCode'] ?? 0),
  }
}
