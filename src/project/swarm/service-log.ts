import { frameDecoder } from '../../api/framing.ts'
import { isLaterThan } from '../../notation/index.ts'
import type { DeployedLogsRequest } from '../cluster/cluster.ts'
import type { LogSink } from '../logs/log-sink.ts'
import type { LogStream } from '../logs/output-stream.ts'

/** Gives the name of a task by its id. */
export type NameOf = (task: string) => Promise<string>

/** Part of a line, or a whole one, as a manager sends it: behind the time, and details that say of which task it is. */
interface Message {
  readonly kind: LogStream
  readonly bytes: Buffer
}

/** What is in a chunk, and what comes behind it: an error of the manager's own. */
interface Cut {
  readonly messages: readonly Message[]
  readonly failed?: unknown
}

/** A line whose end has not come. */
interface Begun {
  readonly time: string
  readonly parts: Buffer[]
  length: number
}

const BLANK = 0x20
const NEWLINE = 0x0a
const TASK = /(?:^|,)com\.docker\.swarm\.task\.id=([a-z0-9]+)(?:,|$)/

/** Bytes after which a line without an end is one. */
const LONGEST = 1 << 20

/** Takes the log of a service apart into the lines of its tasks. A line that is longer than 16 KiB comes in several messages. */
export class ServiceLog {
  readonly #nameOf: NameOf
  readonly #request: DeployedLogsRequest
  readonly #sink: LogSink
  readonly #cut: (chunk: Buffer) => Cut
  readonly #begun = new Map<string, Begun>()
  readonly #seen = new Set<string>()

  constructor(nameOf: NameOf, isTerminal: boolean, request: DeployedLogsRequest, sink: LogSink) {
    this.#nameOf = nameOf
    this.#request = request
    this.#sink = sink
    this.#cut = isTerminal ? byLines() : byFrames()
  }

  /** Bytes of the log, cut anywhere; resolves when the sink takes more. Errors: STREAM_ERROR, what the manager says in the middle of it. */
  async take(chunk: Buffer): Promise<void> {
    const { messages, failed } = this.#cut(chunk)
    for (const { kind, bytes } of messages) await this.#takeMessage(kind, bytes)
    if (failed !== undefined) throw failed
    await this.#sink.room()
  }

  /** The log has ended: lines without an end are lines, too. */
  async end(): Promise<void> {
    for (const [key, begun] of this.#begun) await this.#give(key, begun)
    this.#begun.clear()
  }

  async #takeMessage(kind: LogStream, bytes: Buffer): Promise<void> {
    const { time, task, text } = readMessage(bytes)
    const key = `${kind} ${task}`
    const begun = this.#begun.get(key) ?? { time, parts: [], length: 0 }
    begun.parts.push(text)
    begun.length += text.length
    const isWhole = text.at(-1) === NEWLINE || begun.length > LONGEST
    if (!isWhole) return void this.#begun.set(key, begun)
    this.#begun.delete(key)
    await this.#give(key, begun)
  }

  async #give(key: string, { time, parts }: Begun): Promise<void> {
    const { timestamps = false, until } = this.#request
    if (until !== undefined && isLaterThan(time, until)) return
    const [kind = 'stdout', task = ''] = key.split(' ') as [LogStream, string]
    const name = await this.#nameOf(task)
    if (!this.#seen.has(name)) this.#sink.register(name)
    this.#seen.add(name)
    const line = Buffer.concat(parts)
      .toString('utf8')
      .replace(/\r?\n$/, '')
    this.#sink.lines(name, kind, [timestamps && time !== '' ? `${time} ${line}` : line])
  }
}

/** `TIME DETAILS TEXT`; details are `KEY=VALUE,…`. */
function readMessage(bytes: Buffer): { readonly time: string; readonly task: string; readonly text: Buffer } {
  const first = bytes.indexOf(BLANK)
  const second = bytes.indexOf(BLANK, first + 1)
  const task = TASK.exec(bytes.toString('latin1', first + 1, second))?.[1]
  if (first < 0 || second < 0 || task === undefined) return { time: '', task: '', text: bytes }
  return { time: bytes.toString('latin1', 0, first), task, text: bytes.subarray(second + 1) }
}

/** A message is a frame. */
function byFrames(): (chunk: Buffer) => Cut {
  let messages: Message[] = []
  let parts: Uint8Array[] = []
  const decode = frameDecoder((kind, bytes, isWhole) => {
    // What is handed on is the chunk's own memory.
    parts.push(Buffer.from(bytes))
    if (!isWhole) return
    messages.push({ kind, bytes: Buffer.concat(parts) })
    parts = []
  })
  return chunk => {
    messages = []
    try {
      decode(chunk)
      return { messages }
    } catch (failed) {
      return { messages, failed }
    }
  }
}

/** Of a terminal there are no frames, and one stream. */
function byLines(): (chunk: Buffer) => Cut {
  let rest = Buffer.alloc(0)
  return chunk => {
    const messages: Message[] = []
    rest = Buffer.concat([rest, chunk])
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      messages.push({ kind: 'stdout', bytes: rest.subarray(0, end + 1) })
      rest = rest.subarray(end + 1)
    }
    return { messages }
  }
}
