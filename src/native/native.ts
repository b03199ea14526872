import type { Readable, Writable } from 'node:stream'
import type { AttachedNumbers, AttachedPrograms } from './attach-wire.ts'
import type { DnsQuestion, LostQuestions, RefusedName } from './dns-line.ts'
import type { FlowMatch } from './flow-wire.ts'
import type { FrontPort, FrontRoute } from './front-wire.ts'
import type { PackItem } from './pack-reader.ts'
import type { FrontOp, Program, PublishOp, RelayOp, RestartPolicy } from './program.ts'
import type { MonitorStatus } from './status-lines.ts'
import type { UnpackSink } from './unpack-stream.ts'

/** What a `run` program gave back. */
export interface RunReply {
  /** Result bytes by index of the operation within its program, counted over all stages. */
  readonly results: ReadonlyMap<number, Buffer>
  /** Result bytes in the order of the operations that gave one. */
  readonly outputs: readonly Buffer[]
  /** Exit code of the process, when the program launched one. */
  readonly exitCode: number | undefined
}

/** How a foreground process is watched. */
export interface ForegroundOptions {
  readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void
  /** Abort kills the container with everything in it. */
  readonly signal?: AbortSignal
}

/** What a started container is known by. */
export interface Started {
  readonly pid: number
}

/** Output of a container, as it comes. */
export interface AttachSink {
  readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void
  /** Nothing more comes although the container goes on: nothing was taken for too long. */
  readonly onLost?: () => void
}

/** A connection to a container's monitor. It may close at any time; the container does not mind. */
export interface MonitorConnection {
  /** Runs the program. Fails with a Failure that names the operation; the monitor ends then. */
  start(): Promise<Started>
  /** Signals PID 1. `manual`: the user's wish, no restart follows when it exits. */
  signal(signal: number, options?: { readonly manual?: boolean }): Promise<void>
  /** Signals PID 1; when this run ends, another one follows after the back-off, whatever the policy says: but for `on-failure`, whose restarts are counted. */
  renew(signal: number): Promise<void>
  resize(rows: number, cols: number): Promise<void>
  /** Changes the restart policy of the running container. */
  setRestart(policy: RestartPolicy, max: number): Promise<void>
  /**
   * Other networks than those that the relay was made with: the folders of their names, most important first, and
   * whether unknown names are never asked outside. Fails where the container has no relay for names.
   */
  setNetworks(folders: readonly string[], internal: boolean): Promise<void>
  /**
   * All ports that are published from now on; those that stay lose nothing. A Failure of `nativeErrorOf` where one cannot be bound, and nothing is
   * changed then; ENOTCONN where the container has no relay that could have them, E2BIG for more than a frame holds.
   */
  setPorts(ports: readonly PublishOp[]): Promise<void>
  /** As `setPorts`, by the listeners of the monitor whose socket is at the path, too, which has them still: nothing is refused in between. */
  takePorts(ports: readonly PublishOp[], from: string): Promise<void>
  /** Asks the servers of this operation, in its way, whatever no names file knows; all else in it stays as it was. */
  setServers(relay: RelayOp): Promise<void>
  /** Makes the next runs by this program, and keeps the log as it says from now on; what was set up once stays. ADAPT_COLD where it is too large. */
  setProgram(program: Program): Promise<void>
  /** Listeners of TCP, those that come later too, say in this map where they lead, and the shared links are held. A Failure of `nativeErrorOf` where the map is gone, or the monitor knows none. */
  shortcut(attached: AttachedNumbers): Promise<void>
  /** Asks for something about the container's sleep. False: somebody has come since it was looked out for last, so nothing was done. */
  sleep(request: SleepRequest): Promise<boolean>
  /** Output from now on. Whoever is behind with taking it holds the container back. */
  attach(sink: AttachSink): Promise<void>
  /**
   * Says that a file of the log, by its number, is being read: it and those after it are kept although rotation would take
   * them away, while the connection lasts and gets on. 1 keeps all that there is.
   */
  follow(number: number): Promise<void>
  /** Takes nothing from the connection until `resume`; what came already is still given. */
  pause(): void
  resume(): void
  /** Feeds stdin; resolves when the bytes are handed over. */
  writeStdin(chunk: Buffer): Promise<void>
  closeStdin(): Promise<void>
  /** Status now and at each change. */
  subscribe(onStatus: (status: MonitorStatus) => void): Promise<void>
  /** Resolves when the connection has ended: the monitor is gone, or `close` was called. */
  readonly closed: Promise<void>
  close(): void
}

/** What a monitor does about sleep; filters are of packets in the container's network (`struct sock_filter[]`). */
export type SleepRequest =
  /** Looks out for whoever comes. */
  | { readonly ask: 'watch'; readonly filter: Uint8Array }
  /** Has it stand still until a packet comes that the filter lets through, an engine or none. */
  | { readonly ask: 'freeze'; readonly filter: Uint8Array }
  /** Ends a run that stands still; the next is begun when somebody comes. */
  | ({ readonly ask: 'end' } & RunEnding)
  /** Has it go on, or begins the next run. */
  | { readonly ask: 'wake' }

/** How a run ends that is to sleep on: transactions of netfilter in its network hold back that nobody listens, until the next run has had time to. */
export interface RunEnding {
  readonly signal: number
  /** Milliseconds until it is killed. */
  readonly grace: number
  readonly hold: Uint8Array
  readonly release: Uint8Array
}

/** A command inside a running container. */
export interface ExecSession {
  readonly pid: number
  /** Terminal or stdin of the command; undefined when stdin was not asked for. */
  readonly stdin: Writable | undefined
  /** Output; with a terminal everything comes here. */
  readonly stdout: Readable
  readonly stderr: Readable | undefined
  resize(rows: number, cols: number): void
  signal(signal: number): void
  readonly exited: Promise<{ readonly exitCode: number }>
}

/** Stdio of an exec, and how long its start is waited for. */
export interface ExecOptions {
  readonly tty: boolean
  readonly stdin: boolean
  readonly rows?: number
  readonly cols?: number
  /** Abort gives the start up and fails with its reason; a command that runs goes on. */
  readonly signal?: AbortSignal
}

/** A table of nf_tables, by the number of its family (NFPROTO_); `unknown`: any. */
export type TablePlace = { readonly family: number; readonly table: string } | 'unknown'

/** A connection to nf_tables: what is asked of it is done one after the other. It may end at any time, and another one is opened. */
export interface RulesConnection {
  readonly isOpen: boolean
  /** One transaction (netlink bytes), all of it or nothing. Its Failure has the errno (`nativeErrorOf`). */
  change(batch: Buffer): Promise<void>
  /** Messages of a dump. */
  list(request: Buffer): Promise<Buffer>
  /** Ends the TCP connections of the host's programs to these addresses, by their bytes: nobody has them any more. */
  endPeers(addresses: readonly Uint8Array[]): Promise<void>
  /** Calls the listener from now on whenever links, addresses, routes or tables have changed, of whatever network namespace that is known here. */
  watch(onStir: () => void): Promise<void>
  /** Ends the flows that connection tracking remembers and a match is about: the kernel decides anew where their next packet goes. */
  dropFlows(matches: readonly FlowMatch[]): Promise<void>
  /**
   * Attaches programs of BPF as long as the connection lasts, instead of those that it had attached; none of no program. Resolves to what monitors find them by (`MonitorConnection.shortcut`).
   * Its Failure has the errno, and nothing is attached then.
   */
  attach(programs: AttachedPrograms): Promise<AttachedNumbers | undefined>
  close(): void
}

/** A connection to the front door of an engine, which goes on with what it was told last when that is lost. */
export interface FrontConnection {
  /** Its process; undefined until it has been told something. */
  readonly pid: number | undefined
  /** Has it lead to these and no others, and tells what became of their ports. Without any it ends. */
  lead(routes: readonly FrontRoute[]): Promise<readonly FrontPort[]>
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>
  close(): void
}

/** The one seam to the kernel: everything privileged that the engine does passes here. */
export interface Native {
  /** Executes a program once. Fails with a Failure that names the operation that failed. */
  run(program: Program): Promise<RunReply>
  /**
   * Executes a program whose last operation is `unpack`, with the entries that `fill` gives the sink. Fails with what
   * `fill` raises, or with the Failure of the operation, whose detail is the entry's name.
   */
  unpack(program: Program, fill: (sink: UnpackSink) => Promise<void>): Promise<void>
  /**
   * Executes a program whose last operation is `pack` and gives the entries as they come. Who reads no more ends it; the
   * failure of an operation comes from the next read.
   */
  pack(program: Program): AsyncIterable<readonly PackItem[]>
  /**
   * Makes the one user namespace of a program and opens it: it is there as long as this process has the descriptor, or somebody
   * else has it. The caller closes it.
   */
  holdUserns(program: Program): Promise<number>
  /** Runs a container to its end with its output here (the image builder's RUN). */
  runForeground(program: Program, options: ForegroundOptions): Promise<{ readonly exitCode: number }>
  /** Opens a connection to nf_tables. `onForeign` is told of tables that others have changed since: once for many changes in a row. */
  openRules(onForeign: (changed: readonly TablePlace[]) => void): Promise<RulesConnection>
  /** Connects to the front door of an engine, or begins it. */
  openFront(op: FrontOp): Promise<FrontConnection>
  /** Spawns a monitor and resolves when its socket listens. The container does not run before `start`. */
  startMonitor(program: Program): Promise<void>
  /** Connects to a monitor; Failure of kind `notFound` when none listens. */
  connectMonitor(socketPath: string): Promise<MonitorConnection>
  /** What a container asks its resolver, from now on: see `followDns`. */
  followDns(socketPath: string, signal: AbortSignal): Promise<AsyncIterable<DnsQuestion | LostQuestions>>
  /** What its relay has refused it: see `readRefusedNames`. */
  refusedNames(socketPath: string): Promise<readonly RefusedName[]>
  /** Runs a command inside a running container. Resolves when it runs. */
  exec(program: Program, options: ExecOptions): Promise<ExecSession>
}
