import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { readBootId, startTimeOf } from '../../linux/process-identity.ts'
import { encodeFrame, type Frame, FrameReader } from '../frames.ts'
import { MESSAGE, REQUEST } from '../monitor-protocol.ts'
import type { MonitorOp } from '../ops/supervise.ts'
import { RESTART_POLICIES } from '../ops/values.ts'
import type { Program } from '../program.ts'
import type { MonitorStatus } from '../status-lines.ts'
import { type Refusal, renderReply, renderStatus } from './monitor-text.ts'

/** What a monitor can be asked for. */
export type MonitorRequest = keyof typeof REQUEST

/** What a monitor does before it answers: nothing, wait, `die()`, or raise a refusal (`refuse`). */
export type MonitorScript = Partial<
  Record<MonitorRequest, (monitor: SimulatedMonitor, payload: Buffer) => void | Promise<void>>
>

const NAMES = new Map(Object.entries(REQUEST).map(([name, type]) => [type as number, name as MonitorRequest]))
/** Above the largest pid that Linux gives. */
const PAYLOAD_PID = 5_000_000

/** A refusal that a script raises: errno, and what of the program it is about. With errno 0 it says yes, and does nothing. */
export class MonitorRefusal extends Error {
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super('refused')
    this.refusal = refusal
  }
}

/**
 * A monitor without a container, as the engine sees one: a process of its own, a socket that speaks its protocol, a status
 * file. It says what the test lets it say. Like the real one it outlives engines, and ends when the one that made it goes
 * away before the start.
 */
export class SimulatedMonitor {
  readonly program: Program
  /** Requests in the order in which they came. */
  readonly asked: MonitorRequest[] = []
  readonly signals: { readonly signal: number; readonly manual: boolean }[] = []
  status: MonitorStatus
  /** Signals by which the run was to be ended for another one to follow. */
  readonly renewals: number[] = []
  /** What it waits for once it has nothing to do any more, before its process ends. */
  lingers: Promise<void> = Promise.resolve()
  readonly #op: MonitorOp
  readonly #script: MonitorScript
  readonly #process: ChildProcess
  readonly #ended: Promise<unknown>
  readonly #server: Server
  readonly #connections = new Set<Socket>()
  readonly #subscribers = new Set<Socket>()
  readonly #attached = new Set<Socket>()

  private constructor(program: Program, op: MonitorOp, script: MonitorScript, process: ChildProcess) {
    this.program = program
    this.#op = op
    this.#script = script
    this.#process = process
    this.#ended = once(process, 'exit')
    const pid = process.pid ?? 0
    this.status = {
      ...FRESH,
      monitorPid: pid,
      monitorStartTime: startTimeOf(pid) ?? 0n,
      bootId: readBootId(),
      restartPolicy: op.restart,
    }
    this.#server = createServer(socket => this.#accept(socket))
  }

  /** Resolves when it listens. */
  static async launch(program: Program, script: MonitorScript): Promise<SimulatedMonitor> {
    const op = program.supervise?.find(each => each.op === 'monitor')
    if (op === undefined) throw new Error('a program without a monitor')
    // It ends with its input, and so with this process, whatever becomes of that.
    const process = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] })
    await once(process, 'spawn')
    const monitor = new SimulatedMonitor(program, op, script, process)
    monitor.#write()
    await new Promise<void>((resolve, reject) => {
      monitor.#server.once('error', reject)
      monitor.#server.listen(op.socket, resolve)
    })
    return monitor
  }

  get lives(): boolean {
    return startTimeOf(this.#process.pid ?? 0) !== undefined
  }

  /** The container runs, or runs again. */
  run(): void {
    const again = this.status.startedAt !== undefined
    this.say({
      phase: 'running',
      pid: PAYLOAD_PID + (this.status.restartCount + 1),
      pidStartTime: 1n,
      startedAt: now(),
      restartCount: this.status.restartCount + (again ? 1 : 0),
      oomKilled: false,
    })
  }

  /** The container has ended and waits to be started again, by the monitor. */
  backOff(exitCode: number): void {
    this.say({ phase: 'restarting', pid: 0, exitCode, finishedAt: now() })
  }

  /** The container has ended for good: that is written and told, then the monitor goes. */
  async exit(exitCode: number, change: Partial<MonitorStatus> = {}): Promise<void> {
    this.say({ phase: 'exited', pid: 0, exitCode, finishedAt: now(), ...change })
    await this.#end()
  }

  /** As `exit`, but its connections break before it has told anybody. */
  async exitUntold(exitCode: number): Promise<void> {
    this.status = { ...this.status, phase: 'exited', pid: 0, exitCode, finishedAt: now() }
    this.#write()
    await this.#end()
  }

  /** Killed: no word, and the files stay as they are. */
  async die(): Promise<void> {
    await this.fade()
    this.deafen()
  }

  /** In the middle of being killed: nobody is let in any more, and its process has not ended. */
  deafen(): void {
    const { socket } = this.#op
    const aside = `${socket}.aside`
    // A server that closes takes its socket along; who is killed leaves it.
    if (existsSync(socket)) renameSync(socket, aside)
    this.#server.close()
    if (existsSync(aside)) renameSync(aside, socket)
    for (const connection of this.#connections) connection.destroy()
  }

  /** Killed, but the kernel has not closed its connections yet. */
  async fade(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#ended
  }

  /** Breaks every connection and goes on. */
  disconnect(): void {
    for (const connection of this.#connections) connection.destroy()
  }

  /** Changes parts of the status: in the file first, then to who has subscribed. */
  say(change: Partial<MonitorStatus>): void {
    this.status = { ...this.status, ...change }
    this.#write()
    for (const connection of this.#subscribers) this.#tell(connection)
  }

  output(stream: 'stdout' | 'stderr', text: string): void {
    for (const connection of this.#attached)
      connection.write(encodeFrame(MESSAGE.output, Buffer.from(text), stream === 'stderr' ? 2 : 1))
  }

  #write(): void {
    writeFileSync(this.#op.status, renderStatus(this.status))
  }

  #tell(connection: Socket): void {
    connection.write(encodeFrame(MESSAGE.status, Buffer.from(renderStatus(this.status))))
  }

  async #end(): Promise<void> {
    this.#server.close()
    for (const connection of this.#connections) connection.end()
    await this.lingers
    this.#process.stdin?.end()
    await this.#ended
  }

  #accept(connection: Socket): void {
    const reader = new FrameReader()
    this.#connections.add(connection)
    let turn = Promise.resolve()
    connection.on('data', chunk => {
      for (const frame of reader.push(chunk)) turn = turn.then(() => this.#take(connection, frame))
    })
    connection.on('error', () => undefined)
    connection.on('close', () => {
      for (const set of [this.#connections, this.#subscribers, this.#attached]) set.delete(connection)
      if (this.status.phase === 'created' && this.#connections.size === 0) void this.#end()
    })
  }

  async #take(connection: Socket, { type, payload }: Frame): Promise<void> {
    const request = NAMES.get(type)
    if (request === undefined || connection.destroyed) return
    this.asked.push(request)
    let refusal: Refusal | undefined
    try {
      await this.#script[request]?.(this, payload)
      this.#obey(connection, request, payload)
    } catch (error) {
      if (!(error instanceof MonitorRefusal)) throw error
      refusal = error.refusal
    }
    if (connection.destroyed) return
    if (request !== 'stdin' && request !== 'stdinClose')
      connection.write(encodeFrame(MESSAGE.answer, renderReply({ pid: this.status.pid, ...refusal }), type))
    if (request === 'subscribe') this.#tell(connection)
    if (request === 'start' && refusal !== undefined) await this.#end()
  }

  #obey(connection: Socket, request: MonitorRequest, payload: Buffer): void {
    if (request === 'start' && this.lives) this.run()
    if (request === 'subscribe') this.#subscribers.add(connection)
    if (request === 'attach') this.#attached.add(connection)
    if (request === 'setRestart')
      this.say({ restartPolicy: RESTART_POLICIES[payload.readUInt32LE(0)] ?? 'no' })
    if (request === 'renew') this.renewals.push(payload.readUInt32LE(0))
    if (request === 'signal') {
      const manual = payload.readUInt32LE(4) === 1
      this.signals.push({ signal: payload.readUInt32LE(0), manual })
      if (manual) this.say({ stopped: true })
    }
  }
}

const FRESH: MonitorStatus = {
  phase: 'created',
  monitorPid: 0,
  monitorStartTime: 0n,
  pid: 0,
  pidStartTime: 0n,
  bootId: '',
  startedAt: undefined,
  finishedAt: undefined,
  exitCode: undefined,
  signal: 0,
  oomKilled: false,
  restartCount: 0,
  restartPolicy: 'no',
  stopped: false,
  logDropped: 0,
  mountsFd: 0,
  asleep: false,
  error: '',
}

let last = 0n

/** Unix nanoseconds, never the same twice. */
function now(): bigint {
  const time = BigInt(Date.now()) * 1_000_000n
  last = time > last ? time : last + 1n
  return last
}
