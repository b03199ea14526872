import { Writable } from 'node:stream'
import type { AttachOptions, AttachSession, OutputFrame } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import type { MonitorConnection } from '../../native/index.ts'
import { AsyncQueue } from '../async-queue.ts'
import type { EngineContext } from '../context.ts'
import { readLog } from '../logs/read.ts'
import type { Container } from './container.ts'
import type { PendingAttach } from './pending-attach.ts'

/** A client that lets so many chunks wait is not reading: it is let go, the container must not wait for it. */
const MOST_WAITING = 1024

/**
 * Attaches a client to the container's streams by a connection of its own to the monitor. Before the start there is no
 * monitor: the session waits and is joined before the payload runs, so that not a byte is missed.
 */
export async function attachContainer(
  engine: EngineContext,
  container: Container,
  options: AttachOptions,
): Promise<AttachSession> {
  const { config, hostConfig } = container.record
  const session = new MonitorSession(container, options)
  if (options.stream) {
    if (container.live === undefined) container.pendingAttaches.add(session)
    else await session.join(() => engine.native.connectMonitor(container.paths.socket))
  } else {
    session.output.end()
  }
  const isLogged = options.logs && hostConfig.LogConfig?.Type !== 'none'
  return {
    tty: config.Tty === true,
    ...(options.stdin && config.OpenStdin === true ? { stdin: session.stdin } : {}),
    output: isLogged ? afterLog(container, options, session.output) : session.output,
    close: () => session.close(),
  }
}

async function* afterLog(
  container: Container,
  options: AttachOptions,
  output: AsyncIterable<OutputFrame>,
): AsyncGenerator<OutputFrame, void, undefined> {
  const log = readLog(
    { path: container.paths.log, ended: undefined },
    { follow: false, stdout: options.stdout, stderr: options.stderr, timestamps: false },
    new AbortController().signal,
  )
  for await (const records of log) yield* records
  yield* output
}

/** A client's session; it has a connection from the moment the container has a monitor. */
class MonitorSession implements PendingAttach {
  readonly output = new AsyncQueue<OutputFrame>()
  readonly stdin: Writable
  readonly #container: Container
  readonly #options: AttachOptions
  readonly #connected: Promise<MonitorConnection>
  #connect: (connection: MonitorConnection) => void = () => {}
  #refuse: (error: unknown) => void = () => {}
  #closed = false

  constructor(container: Container, options: AttachOptions) {
    this.#container = container
    this.#options = options
    this.#connected = new Promise((resolve, reject) => {
      this.#connect = resolve
      this.#refuse = reject
    })
    // Nobody waits for it when stdin is not used.
    this.#connected.catch(() => undefined)
    this.stdin = this.#makeStdin()
  }

  async join(connect: () => Promise<MonitorConnection>): Promise<void> {
    if (this.#closed) return
    const { live } = this.#container
    const connection = await connect()
    await connection.attach({ onOutput: (stream, bytes) => this.#take(stream, bytes) })
    void connection.closed.then(async () => {
      // Clients ask for the exit code as soon as the output has ended.
      await live?.settled
      this.output.end()
    })
    this.output.onEnd(() => connection.close())
    this.#connect(connection)
  }

  fail(error: unknown): void {
    this.#refuse(error)
    this.output.end()
  }

  close(): void {
    this.#closed = true
    this.#container.pendingAttaches.delete(this)
    this.#refuse(failure({ code: 'ATTACH_CLOSED', summary: 'the client has gone' }))
    this.output.end()
  }

  #take(stream: 'stdout' | 'stderr', bytes: Uint8Array): void {
    if (!this.#options[stream]) return
    if (this.output.length > MOST_WAITING) this.close()
    else this.output.push({ stream, bytes })
  }

  #makeStdin(): Writable {
    const connected = this.#connected
    return new Writable({
      write(chunk: Buffer, _encoding, callback) {
        connected.then(connection => connection.writeStdin(chunk)).then(() => callback(), callback)
      },
      final(callback) {
        connected.then(connection => connection.closeStdin()).then(() => callback(), callback)
      },
    })
  }
}
