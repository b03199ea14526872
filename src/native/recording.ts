import { openSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { AsyncQueue } from '../linux/async-queue.ts'
import type { AttachedNumbers } from './attach-wire.ts'
import type {
  AttachSink,
  ExecOptions,
  ExecSession,
  ForegroundOptions,
  FrontConnection,
  MonitorConnection,
  Native,
  RulesConnection,
  RunReply,
  SleepRequest,
  Started,
} from './native.ts'
import type { PackItem } from './pack-reader.ts'
import type { Program, PublishOp, RelayOp, RestartPolicy } from './program.ts'
import type { MonitorStatus } from './status-lines.ts'
import type { UnpackSink } from './unpack-stream.ts'

const NOWHERE: UnpackSink = {
  entry: () => undefined,
  data: () => undefined,
  take: async () => undefined,
  folderTime: () => undefined,
  ready: async () => undefined,
}

type RecordedCall = 'run' | 'holdUserns' | 'unpack' | 'pack' | 'runForeground' | 'startMonitor' | 'exec'

/** A call that was made of a {@link RecordingNative}, in order. */
export type NativeCall =
  | { readonly call: RecordedCall; readonly program: Program }
  | { readonly call: 'connectMonitor'; readonly socket: string }

/** What the fake answers. Every answer that is not given is a success of nothing. */
export interface NativeScript {
  readonly run?: (program: Program) => Partial<RunReply> | Promise<Partial<RunReply>>
  /** Gives the sink of an unpack; without one the entries are let go. */
  readonly unpack?: (program: Program) => UnpackSink
  /** Gives the entries of a pack. */
  readonly pack?: (program: Program) => readonly PackItem[]
  readonly runForeground?: (program: Program, options: ForegroundOptions) => number | Promise<number>
  readonly startMonitor?: (program: Program) => void | Promise<void>
  readonly connectMonitor?: (socket: string) => FakeMonitor
  readonly exec?: (program: Program, options: ExecOptions) => ExecSession | Promise<ExecSession>
}

/** The one double of the kernel: records programs, answers from a script. For unit tests of those who compile programs. */
export class RecordingNative implements Native {
  readonly calls: NativeCall[] = []
  readonly monitors: Map<string, FakeMonitor> = new Map()
  readonly #script: NativeScript

  constructor(script: NativeScript = {}) {
    this.#script = script
  }

  /** Programs given to one kind of call, in order. */
  programs(call: RecordedCall): Program[] {
    return this.calls.flatMap(each => (each.call === call ? [each.program] : []))
  }

  async run(program: Program): Promise<RunReply> {
    this.calls.push({ call: 'run', program })
    const answer = await this.#script.run?.(program)
    return { results: new Map(), outputs: [], exitCode: undefined, ...answer }
  }

  async unpack(program: Program, fill: (sink: UnpackSink) => Promise<void>): Promise<void> {
    this.calls.push({ call: 'unpack', program })
    await fill(this.#script.unpack?.(program) ?? NOWHERE)
  }

  async *pack(program: Program): AsyncGenerator<readonly PackItem[]> {
    this.calls.push({ call: 'pack', program })
    yield this.#script.pack?.(program) ?? []
  }

  /** The null device in its place. */
  async holdUserns(program: Program): Promise<number> {
    this.calls.push({ call: 'holdUserns', program })
    return openSync('/dev/null', 'r')
  }

  async runForeground(program: Program, options: ForegroundOptions): Promise<{ exitCode: number }> {
    this.calls.push({ call: 'runForeground', program })
    return { exitCode: (await this.#script.runForeground?.(program, options)) ?? 0 }
  }

  /** Takes everything, and lists nothing. */
  async openRules(): Promise<RulesConnection> {
    return {
      isOpen: true,
      change: async () => undefined,
      list: async () => Buffer.alloc(0),
      watch: async () => undefined,
      dropFlows: async () => undefined,
      endPeers: async () => undefined,
      attach: async () => undefined,
      close: () => undefined,
    }
  }

  /** Has every port that it is asked for. */
  async openFront(): Promise<FrontConnection> {
    return {
      pid: undefined,
      lead: async routes =>
        routes.flatMap(({ port, listens }) => (listens ? { number: port, errno: 0 } : [])),
      closed: new Promise(() => undefined),
      close: () => undefined,
    }
  }

  async startMonitor(program: Program): Promise<void> {
    this.calls.push({ call: 'startMonitor', program })
    await this.#script.startMonitor?.(program)
  }

  async connectMonitor(socket: string): Promise<MonitorConnection> {
    this.calls.push({ call: 'connectMonitor', socket })
    const monitor = this.#script.connectMonitor?.(socket) ?? this.monitors.get(socket) ?? new FakeMonitor()
    this.monitors.set(socket, monitor)
    return monitor
  }

  async followDns(): Promise<AsyncIterable<never>> {
    return new AsyncQueue<never>()
  }

  async refusedNames(): Promise<readonly never[]> {
    return []
  }

  async exec(program: Program, options: ExecOptions): Promise<ExecSession> {
    this.calls.push({ call: 'exec', program })
    return (await this.#script.exec?.(program, options)) ?? fakeExec({ exitCode: 0 })
  }
}

/** A monitor that runs nothing; a test moves it with `emitStatus` and `emitOutput`. */
export class FakeMonitor implements MonitorConnection {
  readonly signals: { readonly signal: number; readonly manual: boolean }[] = []
  readonly stdin: Buffer[] = []
  readonly networks: { readonly folders: readonly string[]; readonly internal: boolean }[] = []
  readonly ports: (readonly PublishOp[])[] = []
  readonly servers: (readonly string[])[] = []
  readonly programs: Program[] = []
  readonly shortcuts: AttachedNumbers[] = []
  readonly sleeps: SleepRequest[] = []
  /** Nobody has come. */
  isQuiet = true
  readonly sizes: { readonly rows: number; readonly cols: number }[] = []
  readonly closed: Promise<void>
  pid: number
  status: MonitorStatus
  /** Called after each signal, to let a test answer with an exit. */
  onSignal: ((signal: number, manual: boolean) => void) | undefined
  #sink: AttachSink | undefined
  readonly #onStatus: ((status: MonitorStatus) => void)[] = []
  #close: () => void = () => undefined

  constructor(pid = 4242) {
    this.pid = pid
    this.status = FRESH
    this.closed = new Promise(resolve => {
      this.#close = resolve
    })
  }

  async start(): Promise<Started> {
    this.emitStatus({ phase: 'running', pid: this.pid, pidStartTime: 1n, startedAt: 1n })
    return { pid: this.pid }
  }

  async signal(signal: number, options: { readonly manual?: boolean } = {}): Promise<void> {
    this.signals.push({ signal, manual: options.manual === true })
    this.onSignal?.(signal, options.manual === true)
  }

  async renew(signal: number): Promise<void> {
    await this.signal(signal)
  }

  async resize(rows: number, cols: number): Promise<void> {
    this.sizes.push({ rows, cols })
  }

  async setRestart(restartPolicy: RestartPolicy, _max: number): Promise<void> {
    this.emitStatus({ restartPolicy })
  }

  async setNetworks(folders: readonly string[], internal: boolean): Promise<void> {
    this.networks.push({ folders, internal })
  }

  async setPorts(ports: readonly PublishOp[]): Promise<void> {
    this.ports.push(ports)
  }

  async takePorts(ports: readonly PublishOp[], _from: string): Promise<void> {
    this.ports.push(ports)
  }

  async setServers(relay: RelayOp): Promise<void> {
    this.servers.push(relay.upstreams)
  }

  async setProgram(program: Program): Promise<void> {
    this.programs.push(program)
  }

  async shortcut(attached: AttachedNumbers): Promise<void> {
    this.shortcuts.push(attached)
  }

  async sleep(request: SleepRequest): Promise<boolean> {
    this.sleeps.push(request)
    return this.isQuiet
  }

  async attach(sink: AttachSink): Promise<void> {
    this.#sink = sink
  }

  async writeStdin(chunk: Buffer): Promise<void> {
    this.stdin.push(chunk)
  }

  async closeStdin(): Promise<void> {}

  async subscribe(onStatus: (status: MonitorStatus) => void): Promise<void> {
    this.#onStatus.push(onStatus)
    onStatus(this.status)
  }

  async follow(_number: number): Promise<void> {}

  pause(): void {}

  resume(): void {}

  close(): void {
    this.#close()
  }

  /** Changes parts of the status and tells the subscriber. */
  emitStatus(change: Partial<MonitorStatus>): void {
    this.status = { ...this.status, ...change }
    for (const tell of this.#onStatus) tell(this.status)
  }

  /** Ends the container: `exited` with this code, then the connection closes. */
  exit(exitCode: number): void {
    this.emitStatus({ phase: 'exited', pid: 0, exitCode, finishedAt: 2n })
    this.#close()
  }

  /** Lets go of the attached reader. */
  emitLost(): void {
    this.#sink?.onLost?.()
  }

  emitOutput(stream: 'stdout' | 'stderr', chunk: Buffer): void {
    this.#sink?.onOutput(stream, chunk)
  }
}

const FRESH: MonitorStatus = {
  phase: 'created',
  monitorPid: 4241,
  monitorStartTime: 1n,
  pid: 0,
  pidStartTime: 0n,
  bootId: '00000000-0000-0000-0000-000000000000',
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

/** An exec that has already ended, with this output. */
export function fakeExec(result: {
  readonly exitCode: number
  readonly stdout?: string
  readonly stderr?: string
}): ExecSession {
  const stream = (text: string): PassThrough => {
    const through = new PassThrough()
    through.end(text)
    return through
  }
  return {
    pid: 4243,
    stdin: undefined,
    stdout: stream(result.stdout ?? ''),
    stderr: stream(result.stderr ?? ''),
    resize: () => undefined,
    signal: () => undefined,
    exited: Promise.resolve({ exitCode: result.exitCode }),
  }
}
