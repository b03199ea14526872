import { Readable } from 'node:stream'
import type { Target } from '../target.ts'
import type { LogGap } from './container-log.ts'
import type { LogListener } from './follow-logs.ts'
import type { LoggedContainer } from './logged-container.ts'
import { type LogsRequest, openLogs } from './open-logs.ts'
import type { LogStream } from './output-stream.ts'
import { stampOf, withoutStamp } from './stamped-lines.ts'

/** A line of a container's log. */
export interface LogLine {
  readonly type: 'line'
  readonly container: LoggedContainer
  readonly stream: LogStream
  /** When it was written, RFC 3339 with nanoseconds. */
  readonly time: string
  readonly text: string
}

/** Lines are missing here: the log was rotated before they were read. */
export interface MissingLines {
  readonly type: 'gap'
  readonly container: LoggedContainer
  readonly gap: LogGap
}

/** Lines that may wait for whoever iterates, beyond one batch of each container. */
const WAITING = 1_000

/**
 * The lines of a project's logs: what there is, container by container, and with `follow` each new line as it comes. The
 * containers wait for whoever iterates slowly. To leave the loop ends the reading. Errors: NO_SUCH_SERVICE; Interrupted when the
 * signal aborts.
 */
export async function* logs(
  target: Target,
  { signal, ...request }: LogsRequest & { readonly signal?: AbortSignal } = {},
): AsyncGenerator<LogLine | MissingLines, void, undefined> {
  const opened = await openLogs(target, { ...request, timestamps: true })
  const left = new AbortController()
  const queue = new LogQueue()
  const reading = opened
    .read(queue, signal === undefined ? left.signal : AbortSignal.any([left.signal, signal]))
    .finally(() => queue.end())
  // What it fails with is told behind the lines that came before.
  reading.catch(() => undefined)
  try {
    yield* queue
    await reading
  } finally {
    left.abort()
  }
}

/** Takes lines as they come, and gives them one by one. */
class LogQueue implements LogListener {
  #full: { readonly over: Promise<void>; readonly end: () => void } | undefined
  readonly #lines = new Readable({
    objectMode: true,
    highWaterMark: WAITING,
    read: () => {
      this.#full?.end()
      this.#full = undefined
    },
  })

  onLines(container: LoggedContainer, stream: LogStream, lines: readonly string[]): void {
    for (const line of lines)
      this.#push({ type: 'line', container, stream, time: stampOf(line), text: withoutStamp(line) })
  }

  onGap(container: LoggedContainer, gap: LogGap): void {
    this.#push({ type: 'gap', container, gap })
  }

  room(): Promise<void> | undefined {
    return this.#full?.over
  }

  end(): void {
    this.#lines.push(null)
  }

  [Symbol.asyncIterator](): AsyncIterator<LogLine | MissingLines> {
    return this.#lines[Symbol.asyncIterator]()
  }

  #push(event: LogLine | MissingLines): void {
    if (this.#lines.push(event) || this.#full !== undefined) return
    let end = (): void => {}
    const over = new Promise<void>(resolve => {
      end = resolve
    })
    this.#full = { over, end }
  }
}
