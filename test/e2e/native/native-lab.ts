// A busybox root and programs for it, for the tests of the native program.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import {
  createNative,
  type InsideOp,
  type MonitorConnection,
  type MonitorOp,
  type MonitorStatus,
  type Native,
  nativeErrorOf,
  type Program,
  parseStatus,
} from '../../../src/native/index.ts'

const APPLETS = [
  'cat',
  'echo',
  'env',
  'head',
  'hostname',
  'id',
  'kill',
  'mkdir',
  'ls',
  'od',
  'ps',
  'readlink',
  'seq',
  'sh',
  'sleep',
  'stty',
  'true',
  'tty',
]
/**
 * The native program is built with sanitizers: it takes the C library's own files to start, so it cannot be the init
 * inside a container.
 */
export const SANITIZED: boolean = process.env['TSCOMPOSE_NATIVE']?.endsWith('-sanitize') === true
/** Docker's default capabilities. */
export const DEFAULT_CAPABILITIES = 0xa80425fbn
/** A filter that allows everything: `return ALLOW`. */
const ALLOW_ALL = new Uint8Array([0x06, 0, 0, 0, 0, 0, 0xff, 0x7f])

export interface ContainerOptions {
  readonly argv: readonly string[]
  readonly init?: boolean
  readonly tty?: boolean
  readonly openStdin?: boolean
  readonly monitor?: Partial<MonitorOp>
  /** Added before `pivotRoot`. */
  readonly inside?: readonly InsideOp[]
}

/** One test's folder, container and native binary; `close` leaves nothing behind. */
export class NativeLab {
  readonly folder: string = mkdtempSync('/var/tmp/tscompose-native-')
  readonly native: Native = createNative()
  readonly #connections: MonitorConnection[] = []

  constructor() {
    try {
      this.#fill()
    } catch (error) {
      // Nobody gets a lab that he could close.
      rmSync(this.folder, { recursive: true, force: true })
      throw error
    }
  }

  #fill(): void {
    for (const name of ['container/upper', 'container/work', 'layer/bin', 'layer/tmp', 'run']) {
      mkdirSync(join(this.folder, name), { recursive: true })
    }
    copyFileSync('/bin/busybox', join(this.folder, 'layer/bin/busybox'))
    for (const name of APPLETS) symlinkSync('busybox', join(this.folder, 'layer/bin', name))
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  log(): string {
    return readFileSync(this.path('log'), 'utf8')
  }

  /** Lines of the log without their times. */
  logLines(): string[] {
    return this.log()
      .split('\n')
      .filter(line => line !== '')
      .map(line => line.replace(/^\S+ /, ''))
  }

  status(): MonitorStatus {
    return parseStatus(readFileSync(this.path('status'), 'utf8'))
  }

  program(options: ContainerOptions): Program {
    return {
      setup: [{ op: 'newNetns' }],
      outside: [
        { op: 'openTree', slot: 1, path: this.path('layer'), recursive: false },
        { op: 'openTree', slot: 2, path: this.path('container'), recursive: false },
        { op: 'open', slot: 3, fromSlot: 2, path: 'upper', kind: 'folder' },
        { op: 'open', slot: 4, fromSlot: 2, path: 'work', kind: 'folder' },
        { op: 'overlay', slot: 0, lowerSlots: [1], upperSlot: 3, workSlot: 4 },
        { op: 'newTimens' },
      ],
      launch: [{ op: 'clone', newNamespaces: ['mnt', 'pid', 'ipc', 'uts', 'cgroup'], net: 'container' }],
      inside: insideOps(options),
      exec: [
        { op: 'exec', argv: options.argv, env: ['PATH=/bin', 'NAME=value'], init: options.init === true },
      ],
    }
  }

  monitored(options: ContainerOptions): Program {
    const monitor: MonitorOp = {
      op: 'monitor',
      socket: this.path('run/monitor.sock'),
      status: this.path('status'),
      log: this.path('log'),
      logMaxSize: 0,
      logMaxFiles: 1,
      tty: options.tty === true,
      openStdin: options.openStdin === true,
      stdinOnce: false,
      ownerUid: 0,
      ownerGid: 0,
      restart: 'no',
      restartMax: 0,
      rows: 24,
      cols: 80,
      patience: 60_000,
      ...options.monitor,
    }
    return { supervise: [monitor], ...this.program(options) }
  }

  async connect(): Promise<MonitorConnection> {
    const connection = await this.native.connectMonitor(this.path('run/monitor.sock'))
    this.#connections.push(connection)
    return connection
  }

  /** Starts a monitor and connects to it; the container does not run yet. */
  async monitor(options: ContainerOptions): Promise<MonitorConnection> {
    await this.native.startMonitor(this.monitored(options))
    return this.connect()
  }

  /** Runs a container to its end: exit code and what it printed. */
  async foreground(options: ContainerOptions): Promise<{ exitCode: number; stdout: string; stderr: string }> {
    const output = { stdout: '', stderr: '' }
    const { exitCode } = await this.native.runForeground(this.program(options), {
      onOutput: (stream, chunk) => {
        output[stream] += chunk.toString('utf8')
      },
    })
    return { exitCode, ...output }
  }

  /** Pids of processes whose root or command line is of this lab. */
  processes(): number[] {
    return readdirSync('/proc')
      .filter(name => /^\d+$/.test(name))
      .map(Number)
      .filter(pid => this.#isOurs(pid))
  }

  /** Lines of the host's mountinfo that name this lab. */
  mounts(): string[] {
    return readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter(line => line.includes(this.folder))
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.close()
    if (existsSync(this.path('status'))) await this.#endContainer()
    rmSync(this.folder, { recursive: true, force: true })
  }

  async #endContainer(): Promise<void> {
    if (!existsSync(this.path('run/monitor.sock'))) return
    try {
      const connection = await this.native.connectMonitor(this.path('run/monitor.sock'))
      await connection.signal(9, { manual: true }).catch(() => undefined)
      connection.close()
      await eventually(() => !existsSync(this.path('run/monitor.sock')))
    } catch {
      // The monitor was killed by the test: its container with it.
      const { pid } = this.status()
      if (pid > 0) process.kill(pid, 'SIGKILL')
    }
  }

  #isOurs(pid: number): boolean {
    try {
      return ['cwd', 'root'].some(name => readlinkSync(`/proc/${pid}/${name}`).startsWith(this.folder))
    } catch {
      return false
    }
  }
}

/** The default inside stage, kept short: what these tests look at, not all that a container gets. */
function insideOps(options: ContainerOptions): InsideOp[] {
  return [
    { op: 'root', slot: 0 },
    { op: 'mount', type: 'proc', target: '/proc', attributes: ['nosuid', 'nodev', 'noexec'] },
    { op: 'mount', type: 'tmpfs', target: '/dev', options: ['mode=755'], attributes: ['nosuid'] },
    {
      op: 'mount',
      type: 'devpts',
      target: '/dev/pts',
      options: ['newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
    },
    { op: 'mknod', path: '/dev/null', type: 'char', major: 1, minor: 3, mode: 0o666 },
    { op: 'symlink', path: '/dev/fd', target: '/proc/self/fd' },
    { op: 'symlink', path: '/dev/stdout', target: '/proc/self/fd/1' },
    { op: 'bindReadonly', path: '/proc/sys' },
    { op: 'mask', path: '/proc/keys' },
    { op: 'mask', path: '/proc/acpi' },
    { op: 'mask', path: '/proc/there-is-no-such-file' },
    ...(options.tty === true ? [{ op: 'console' } as const] : []),
    { op: 'hostname', name: 'lab' },
    ...(options.inside ?? []),
    { op: 'pivotRoot' },
    { op: 'sysctl', key: 'net.ipv4.ip_unprivileged_port_start', value: '80' },
    { op: 'user', uid: 0, gid: 0, groups: [] },
    {
      op: 'capabilities',
      bounding: DEFAULT_CAPABILITIES,
      effective: DEFAULT_CAPABILITIES,
      permitted: DEFAULT_CAPABILITIES,
      inheritable: 0n,
      ambient: 0n,
    },
    { op: 'chdir', path: '/work', create: true },
    { op: 'seccomp', filter: ALLOW_ALL, flags: 0 },
  ]
}

/** Waits until a condition holds; fails after a minute. Polls, for what it waits for is other processes' doing. */
export async function eventually(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('did not come true in time')
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

/** What went wrong, by code and the name of the operation. */
export async function failing(
  work: Promise<unknown>,
): Promise<{ code: unknown; op: string | undefined; errno: string | undefined }> {
  try {
    await work
  } catch (error) {
    const cause = nativeErrorOf(error)
    return { code: (error as { code?: unknown }).code, op: cause?.op?.op, errno: cause?.errno }
  }
  throw new Error('must fail, but did not')
}
