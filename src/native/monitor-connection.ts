import { closeSync, constants, openSync } from 'node:fs'
import { createConnection, type Socket } from 'node:net'
import { basename, dirname } from 'node:path'
import { errnoOf, failure } from '../diagnostics/index.ts'
import { type AttachedNumbers, encodeShortcut } from './attach-wire.ts'
import { encodeProgram } from './encode.ts'
import { failureOf, nativeErrorOf } from './failure.ts'
import { encodeFrame, encodeNumbers, type Frame, FrameReader } from './frames.ts'
import { FRAME_MAX, MESSAGE, REQUEST } from './monitor-protocol.ts'
import type { AttachSink, MonitorConnection, SleepRequest } from './native.ts'
import { RESTART_POLICIES } from './ops/values.ts'
import type { Program, PublishOp, RelayOp, RestartPolicy } from './program.ts'
import { decodeReply, type Reply } from './reply.ts'
import { sleepFrame } from './sleep-frame.ts'
import { parseStatus } from './status.ts'
import type { MonitorStatus } from './status-lines.ts'

const NOTHING: Buffer = Buffer.alloc(0)

interface Waiting {
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: unknown) => void
}

/** Connects to the monitor that listens at a path. `program`: what it runs, to name what failed. */
export async function connectMonitor(socketPath: string, program?: Program): Promise<MonitorConnection> {
  return new SocketConnection(await openSocket(socketPath), socketPath, program ?? {})
}

/** What connecting to one that has ended fails with, the last where it ended before it took the connection. */
const GONE: readonly string[] = ['ENOENT', 'ECONNREFUSED', 'ECONNRESET']

/** Longest path that a socket's address holds. */
const ADDRESS_MAX = 107

/** The folder of a path too long for a socket's address, opened, so that the socket has a short path by way of it. */
function openFolder(path: string): number | undefined {
  if (Buffer.byteLength(path) <= ADDRESS_MAX) return undefined
  try {
    return openSync(dirname(path), constants.O_DIRECTORY)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** A connection to the monitor that listens at a path. */
export async function openSocket(path: string): Promise<Socket> {
  const folder = openFolder(path)
  try {
    return await connect(path, folder === undefined ? path : `/proc/self/fd/${folder}/${basename(path)}`)
  } finally {
    if (folder !== undefined) closeSync(folder)
  }
}

function connect(path: string, address: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(address)
    const refuse = (error: Error): void => {
      const isGone = GONE.includes(errnoOf(error) ?? '')
      reject(
        failure({
          code: isGone ? 'MONITOR_GONE' : 'MONITOR_UNREACHABLE',
          kind: isGone ? 'notFound' : 'unavailable',
          summary: `Cannot connect to the monitor at "${path}": ${error.message}`,
          cause: error,
        }),
      )
    }
    socket.once('error', refuse)
    socket.once('connect', () => {
      socket.off('error', refuse)
      // An error is followed by `close`, which tells everyone who waits.
      socket.on('error', () => undefined)
      resolve(socket)
    })
  })
}

class SocketConnection implements MonitorConnection {
  readonly closed: Promise<void>
  readonly #socket: Socket
  readonly #path: string
  #program: Program
  readonly #reader = new FrameReader()
  readonly #waiting: Waiting[] = []
  /** Opened when there is input. */
  #stdin: Promise<Socket> | undefined
  #sink: AttachSink | undefined
  #onStatus: ((status: MonitorStatus) => void) | undefined

  constructor(socket: Socket, path: string, program: Program) {
    this.#socket = socket
    this.#path = path
    this.#program = program
    socket.on('data', chunk => this.#receive(chunk))
    this.closed = new Promise(resolve => {
      socket.once('close', () => {
        this.#abandon()
        void this.#stdin?.then(
          stdin => stdin.destroy(),
          () => undefined,
        )
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

  async renew(signal: number): Promise<void> {
    await this.#ask(encodeNumbers(REQUEST.renew, signal, 0))
  }

  async resize(rows: number, cols: number): Promise<void> {
    await this.#ask(encodeNumbers(REQUEST.resize, rows, cols))
  }

  async setRestart(policy: RestartPolicy, max: number): Promise<void> {
    await this.#ask(encodeNumbers(REQUEST.setRestart, RESTART_POLICIES.indexOf(policy), max))
  }

  async setNetworks(folders: readonly string[], internal: boolean): Promise<void> {
    const paths = folders.map(folder => Buffer.from(`${folder}\0`))
    await this.#ask(encodeFrame(REQUEST.setNetworks, Buffer.concat([Buffer.of(internal ? 1 : 0), ...paths])))
  }

  async setPorts(ports: readonly PublishOp[]): Promise<void> {
    await this.#publish(REQUEST.setPorts, NOTHING, ports)
  }

  async takePorts(ports: readonly PublishOp[], from: string): Promise<void> {
    await this.#publish(REQUEST.takePorts, Buffer.from(`${from}\0`), ports)
  }

  async #publish(request: number, before: Buffer, ports: readonly PublishOp[]): Promise<void> {
    const program: Program = { supervise: ports }
    const bytes = Buffer.concat([before, encodeProgram(program)])
    if (bytes.length > FRAME_MAX) throw tooManyPorts()
    await this.#ask(encodeFrame(request, bytes), program)
  }

  async setProgram(program: Program): Promise<void> {
    const bytes = encodeProgram(program)
    if (bytes.length > FRAME_MAX) throw tooLarge()
    await this.#ask(encodeFrame(REQUEST.setProgram, bytes), program)
    this.#program = program
  }

  async setServers(relay: RelayOp): Promise<void> {
    const program: Program = { supervise: [relay] }
    await this.#ask(encodeFrame(REQUEST.setServers, encodeProgram(program)), program)
  }

  async shortcut(attached: AttachedNumbers): Promise<void> {
    await this.#ask(encodeFrame(REQUEST.shortcut, encodeShortcut(attached)))
  }

  async sleep(request: SleepRequest): Promise<boolean> {
    try {
      await this.#ask(sleepFrame(request))
      return true
    } catch (error) {
      if (nativeErrorOf(error)?.errno === 'EAGAIN') return false
      throw error
    }
  }

  async attach(sink: AttachSink): Promise<void> {
    this.#sink = sink
    await this.#ask(encodeFrame(REQUEST.attach, NOTHING))
  }

  async follow(number: number): Promise<void> {
    await this.#ask(encodeNumbers(REQUEST.follow, number % 2 ** 32, Math.floor(number / 2 ** 32)))
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  async writeStdin(chunk: Buffer): Promise<void> {
    for (let at = 0; at < chunk.length; at += FRAME_MAX) {
      await this.#feed(encodeFrame(REQUEST.stdin, chunk.subarray(at, at + FRAME_MAX)))
    }
  }

  async closeStdin(): Promise<void> {
    await this.#feed(encodeFrame(REQUEST.stdinClose, NOTHING))
  }

  async subscribe(onStatus: (status: MonitorStatus) => void): Promise<void> {
    this.#onStatus = onStatus
    await this.#ask(encodeFrame(REQUEST.subscribe, NOTHING))
  }

  close(): void {
    this.#socket.destroy()
  }

  /** Sends a request and awaits its answer; answers come in the order of requests. */
  async #ask(frame: Buffer, program = this.#program): Promise<Reply> {
    const reply = await new Promise<Reply>((resolve, reject) => {
      if (this.#socket.destroyed) {
        reject(monitorGone())
        return
      }
      this.#waiting.push({ resolve, reject })
      this.#send(frame)
    })
    if (reply.errno !== 0) throw failureOf(program, reply)
    return reply
  }

  /** What is asked for within one moment goes in one piece. */
  #send(frame: Buffer): void {
    if (this.#socket.writableCorked === 0) {
      this.#socket.cork()
      process.nextTick(() => this.#socket.uncork())
    }
    this.#socket.write(frame)
  }

  /**
   * Input has a socket of its own: while the container does not read, the monitor stops reading that one, and a signal
   * must still get through.
   */
  async #feed(frame: Buffer): Promise<void> {
    this.#stdin ??= openSocket(this.#path)
    const socket = await this.#stdin
    if (this.#socket.destroyed) socket.destroy()
    await new Promise<void>((resolve, reject) => {
      socket.write(frame, error => (error ? reject(monitorGone()) : resolve()))
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
      case MESSAGE.lost:
        this.#sink?.onLost?.()
        break
      case MESSAGE.status:
        this.#onStatus?.(parseStatus(frame.payload.toString('utf8')))
        break
    }
  }

  #abandon(): void {
    for (const waiting of this.#waiting.splice(0)) waiting.reject(monitorGone())
  }
}

/** It has ended, and whoever waits for it is told. */
export function monitorGone(): Error {
  return failure({ code: 'MONITOR_GONE', kind: 'notFound', summary: 'The monitor has ended' })
}

function tooLarge(): Error {
  return failure({
    code: 'ADAPT_COLD',
    kind: 'conflict',
    summary: 'the container is described by too much to be changed while it runs',
    hint: 'make it anew',
  })
}

function tooManyPorts(): Error {
  return failure({
    code: 'PORTS_FIXED',
    kind: 'conflict',
    summary: 'there are too many separate ports to change them while the container runs',
  })
}
