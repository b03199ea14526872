import { createConnection, type Socket } from 'node:net'
import { errnoOf, failure } from '../diagnostics/index.ts'
import { failureOf } from './failure.ts'
import { encodeFrame, encodeNumbers, type Frame, FrameReader } from './frames.ts'
import { FRAME_MAX, MESSAGE, type MonitorStatus, REQUEST } from './monitor-protocol.ts'
import type { AttachSink, MonitorConnection } from './native.ts'
import type { Program, RestartPolicy } from './program.ts'
import { decodeReply, type Reply } from './reply.ts'
import { parseStatus } from './status.ts'

const POLICIES: readonly RestartPolicy[] = ['no', 'always', 'on-failure', 'unless-stopped']
const NOTHING: Buffer = Buffer.alloc(0)

interface Waiting {
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: unknown) => void
}

/** Connects to the monitor that listens at a path. `program`: what it runs, to name what failed. */
export function connectMonitor(socketPath: string, program?: Program): Promise<MonitorConnection> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(socketPath)
    const refuse = (error: Error): void => {
      const gone = errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ECONNREFUSED'
      reject(
        failure({
          code: gone ? 'MONITOR_GONE' : 'MONITOR_UNREACHABLE',
          kind: gone ? 'notFound' : 'unavailable',
          summary: `Cannot connect to the monitor at "${socketPath}": ${error.message}`,
          cause: error,
        }),
      )
    }
    socket.once('error', refuse)
    socket.once('connect', () => {
      socket.off('error', refuse)
      resolve(new SocketConnection(socket, program ?? {}))
    })
  })
}

class SocketConnection implements MonitorConnection {
  readonly closed: Promise<void>
  readonly #socket: Socket
  readonly #program: Program
  readonly #reader = new FrameReader()
  readonly #waiting: Waiting[] = []
  #sink: AttachSink | undefined
  #onStatus: ((status: MonitorStatus) => void) | undefined

  constructor(socket: Socket, program: Program) {
    this.#socket = socket
    this.#program = program
    socket.on('data', chunk => this.#receive(chunk))
    // An error is followed by `close`, which tells everyone who waits.
    socket.on('error', () => undefined)
    this.closed = new Promise(resolve => {
      socket.once('close', () => {
        this.#abandon()
        resolve()
      })
    })
  }

  async start(): Promise<{ readonly pid: number }> {
    const reply = await this.#ask(encodeFrame(REQUEST.start, NOTHING))
    return { pid: reply.pid }
  }

  async signal(signal: number, options: { readonly manual?: boolean } = {}): Promise<void> {
    await this.#ask(encodeNumbers(REQUEST.signal, signal, options.manual === true ? 1 : 0))
  }

  async resize(rows: number, cols: number): Promise<void> {
    await this.#ask(encodeNumbers(REQUEST.resize, rows, cols))
  }

  async setRestart(policy: RestartPolicy, max: number): Promise<void> {
    await this.#ask(encodeNumbers(REQUEST.setRestart, POLICIES.indexOf(policy), max))
  }

  async attach(sink: AttachSink): Promise<void> {
    this.#sink = sink
    await this.#ask(encodeFrame(REQUEST.attach, NOTHING))
  }

  async writeStdin(chunk: Buffer): Promise<void> {
    for (let at = 0; at < chunk.length; at += FRAME_MAX) {
      await this.#write(encodeFrame(REQUEST.stdin, chunk.subarray(at, at + FRAME_MAX)))
    }
  }

  async closeStdin(): Promise<void> {
    await this.#ask(encodeFrame(REQUEST.stdinClose, NOTHING))
  }

  async subscribe(onStatus: (status: MonitorStatus) => void): Promise<void> {
    this.#onStatus = onStatus
    await this.#ask(encodeFrame(REQUEST.subscribe, NOTHING))
  }

  close(): void {
    this.#socket.destroy()
  }

  /** Sends a request and awaits its answer; answers come in the order of requests. */
  async #ask(frame: Buffer): Promise<Reply> {
    const reply = await new Promise<Reply>((resolve, reject) => {
      if (this.#socket.destroyed) {
        reject(gone())
        return
      }
      this.#waiting.push({ resolve, reject })
      this.#socket.write(frame)
    })
    if (reply.errno !== 0) throw failureOf(this.#program, reply)
    return reply
  }

  #write(frame: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(frame, error => (error ? reject(gone()) : resolve()))
    })
  }

  #receive(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.push(chunk)) this.#take(frame)
    } catch (error) {
      // Bytes that cannot be understood end the connection; everyone who waits hears of it.
      this.#socket.destroy(error instanceof Error ? error : undefined)
    }
  }

  #take(frame: Frame): void {
    switch (frame.type) {
      case MESSAGE.answer:
        this.#waiting.shift()?.resolve(decodeReply(frame.payload))
        break
      case MESSAGE.output:
        this.#sink?.onOutput(frame.flag === 2 ? 'stderr' : 'stdout', frame.payload)
        break
      case MESSAGE.status:
        this.#onStatus?.(parseStatus(frame.payload.toString('utf8')))
        break
    }
  }

  #abandon(): void {
    for (const waiting of this.#waiting.splice(0)) waiting.reject(gone())
  }
}

function gone(): Error {
  return failure({ code: 'MONITOR_GONE', kind: 'notFound', summary: 'The monitor has ended' })
}
