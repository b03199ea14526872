import { Writable } from 'node:stream'
import type { AttachOptions, AttachSession, OutputFrame } from '../../api/types/index.ts'
import { Failure, failure } from '../../diagnostics/index.ts'
import { AsyncQueue } from '../../linux/async-queue.ts'
import type { MonitorConnection } from '../../native/index.ts'
import { readLog } from '../logs/read.ts'
import { wakeContainer } from '../sleep/wake.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import type { Delivery } from '../state/deliveries.ts'
import type { Live } from '../state/live.ts'
import type { PendingAttach } from '../state/pending-attach.ts'
import { attachStalled } from './attach-stalled.ts'
import { settledWithin } from './kill.ts'

/** So many chunks may wait for a slow client before its monitor is made to wait; a chunk is 64 KiB at most. */
const MOST_WAITING = 16

/** Within which the engine hears of an end that its monitor has told. */
const RACE_MILLISECONDS = 1_000

/**
 * Attaches a client to the container's streams by a connection of its own to the monitor. Before the start there is no
 * monitor: the session waits and is joined before the payload runs, so that not a byte is missed.
 */
export async function attachContainer(
  engine: Pick<EngineContext, 'native'>,
  container: Container,
  options: AttachOptions,
): Promise<AttachSession> {
  const { log, stdio } = container.terms
  // Whoever only reads what it writes wants nothing of it.
  if (options.stdin) await wakeContainer(container)
  const session = new MonitorSession(container, options)
  if (options.stream) {
    const { live } = container
    if (live === undefined) container.pendingAttaches.add(session)
    else await joinUnlessEnded(session, live, () => engine.native.connectMonitor(container.paths.socket))
  } else {
    session.end()
  }
  const isLogged = options.logs && log.kept !== undefined
  return {
    tty: stdio.tty,
    ...(options.stdin && stdio.openStdin ? { stdin: session.stdin } : {}),
    output: isLogged ? afterLog(container, options, session.output) : session.output,
    close: () => session.close(),
  }
}

/** A monitor that has gone has told its container's end, which the engine may hear a moment later: there is no output then. */
async function joinUnlessEnded(
  session: MonitorSession,
  live: Live,
  connect: () => Promise<MonitorConnection>,
): Promise<void> {
  try {
    await session.join(connect)
  } catch (error) {
    if (!(error instanceof Failure && error.code === 'MONITOR_GONE')) throw error
    // One that is there lets nobody in only if it has no place left for him.
    if (!(await settledWithin(live, RACE_MILLISECONDS))) throw isFull(error)
    session.fail(error)
  }
}

function isFull(cause: unknown): Failure {
  return failure({
    code: 'ATTACH_LIMIT',
    kind: 'conflict',
    summary: 'as many clients are attached to the container as can be, some 250',
    hint: 'its log can be followed by any number: docker logs -f',
    cause,
  })
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
  readonly stdin: Writable
  readonly #queue = new AsyncQueue<OutputFrame | ExitMark>()
  readonly #container: Container
  readonly #options: AttachOptions
  readonly #delivery: Delivery
  readonly #connected: Promise<MonitorConnection>
  #connect: (connection: MonitorConnection) => void = () => {}
  #refuse: (error: unknown) => void = () => {}
  #closed = false
  /** The container has ended: what its monitor still has is small and is taken at once, so that it can go. */
  #takesAll = false

  constructor(container: Container, options: AttachOptions) {
    this.#container = container
    this.#options = options
    this.#delivery = container.deliveries.begin()
    if (options.stdin) container.users.add(this)
    this.#connected = new Promise((resolve, reject) => {
      this.#connect = resolve
      this.#refuse = reject
    })
    // Nobody waits for it when stdin is not used.
    this.#connected.catch(() => undefined)
    this.stdin = this.#makeStdin()
  }

  /** What the container writes; ends with the container, or with ATTACH_STALLED. */
  get output(): AsyncIterable<OutputFrame> {
    return this.#deliver()
  }

  async join(connect: () => Promise<MonitorConnection>): Promise<void> {
    if (this.#closed) return this.#endInput(connect)
    const { live } = this.#container
    const connection = await connect()
    this.#delivery.join()
    this.#queue.onEnd(() => connection.close())
    await connection.attach({
      onOutput: (stream, bytes) => this.#take(connection, stream, bytes),
      onLost: () => {
        this.#delivery.lose()
        this.#queue.end(attachStalled(this.#container.name))
      },
    })
    // On the same connection as the output: an exit is told behind the last byte before it.
    await connection.subscribe(({ finishedAt }) => {
      if (finishedAt !== undefined) this.#queue.push({ reached: () => this.#delivery.reached(finishedAt) })
    })
    void live?.settled.then(() => {
      this.#takesAll = true
      connection.resume()
    })
    void connection.closed.then(async () => {
      // Clients ask for the exit code as soon as the output has ended.
      await live?.settled
      this.#queue.end()
    })
    this.#connect(connection)
  }

  fail(error: unknown): void {
    this.#refuse(error)
    this.#queue.end()
  }

  /** There is nothing to stay for. */
  end(): void {
    this.#queue.end()
  }

  /** The client has all that there is for it, or has gone. */
  close(): void {
    this.#closed = true
    this.#container.users.delete(this)
    this.#delivery.end()
    if (!this.#endsInput) this.#container.pendingAttaches.delete(this)
    this.#refuse(failure({ code: 'ATTACH_CLOSED', summary: 'the client has gone' }))
    this.#queue.end()
  }

  /** What the container reads ends with the client, also when that has gone before the start. */
  get #endsInput(): boolean {
    return this.#options.stdin && this.#container.terms.stdio.stdinOnce
  }

  async #endInput(connect: () => Promise<MonitorConnection>): Promise<void> {
    // Another client has come to give it input.
    if (!this.#endsInput || this.#container.pendingAttaches.size > 1) return
    const connection = await connect()
    await connection.closeStdin()
    connection.close()
  }

  /** A client that does not keep up is waited for, by the monitor and by the container in the end. */
  #take(connection: MonitorConnection, stream: 'stdout' | 'stderr', bytes: Uint8Array): void {
    if (!this.#options[stream]) return
    this.#queue.push({ stream, bytes })
    if (this.#takesAll || this.#queue.length < MOST_WAITING) return
    connection.pause()
    void this.#queue.roomBelow(MOST_WAITING).then(() => connection.resume())
  }

  /** The frames alone: a mark is reached when whoever takes the frames has done with those before it. */
  async *#deliver(): AsyncGenerator<OutputFrame> {
    for await (const item of this.#queue) {
      this.#delivery.took()
      if ('reached' in item) item.reached()
      else yield item
    }
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

/** Stands in the queue behind the last byte before an exit. */
interface ExitMark {
  readonly reached: () => void
}
