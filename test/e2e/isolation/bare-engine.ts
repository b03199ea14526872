import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { ensureInitLayer } from '../../../src/engine/rootfs/index.ts'
import type { ExecProcess, Host, RuntimeSpec } from '../../../src/engine/runtime/index.ts'
import { compileContainer, compileExec, observeHost } from '../../../src/engine/runtime/index.ts'
import { startTimeOf } from '../../../src/linux/process-identity.ts'
import {
  createNative,
  type MonitorConnection,
  type MonitorStatus,
  type Native,
} from '../../../src/native/index.ts'

/** Parts of a spec that a test changes; `process` and `security` are merged one level deep. */
export type SpecChanges = Partial<Omit<RuntimeSpec, 'process' | 'namespaces'>> & {
  readonly process?: Partial<RuntimeSpec['process']>
  readonly namespaces?: Partial<RuntimeSpec['namespaces']>
}

/** A container that ended. */
export interface Ended {
  readonly output: string
  readonly status: MonitorStatus
}

/** A container that runs. */
export interface Running {
  readonly id: string
  readonly pid: number
  readonly monitorPid: number
  readonly spec: RuntimeSpec
  readonly connection: MonitorConnection
  readonly ended: Promise<Ended>
}

const PRIVATE = { kind: 'private' } as const

/** Runs containers from specs alone, without an engine: a root file system of busybox, groups, monitors, and no record. */
export class BareEngine {
  readonly folder: string
  /** The one layer that containers get unless told. */
  readonly layer: string
  readonly initLayer: string
  readonly host: Host
  readonly native: Native
  readonly #ids: string[] = []

  constructor() {
    this.folder = mkdtempSync('/var/tmp/tscompose-isolation-')
    this.layer = join(this.folder, 'busybox')
    buildBusybox(this.layer)
    this.initLayer = join(this.folder, 'init-layer')
    ensureInitLayer(this.initLayer, join(this.folder, 'tmp'))
    this.host = observeHost({ engineId: randomBytes(3).toString('hex') })
    this.native = createNative()
  }

  /** A spec of a default container that runs a shell script. */
  spec(script: string, changes: SpecChanges = {}): RuntimeSpec {
    const id = randomBytes(32).toString('hex')
    const hostname = id.slice(0, 12)
    const own = join(this.folder, hostname)
    for (const name of ['upper', 'work', 'etc', 'run']) mkdirSync(join(own, name), { recursive: true })
    writeEtc(join(own, 'etc'), hostname)
    return {
      id,
      hostname,
      root: { layers: [this.layer, this.initLayer], upper: join(own, 'upper'), work: join(own, 'work') },
      mounts: [],
      etc: {
        hosts: join(own, 'etc/hosts'),
        hostname: join(own, 'etc/hostname'),
        resolvConf: join(own, 'etc/resolv.conf'),
      },
      security: {},
      network: { setup: [], supervise: [] },
      limits: {},
      supervision: {
        runFolder: join(own, 'run'),
        socketPath: join(own, 'run/s'),
        statusPath: join(own, 'status'),
        procFolder: join(own, 'run'),
        log: { path: join(own, 'log'), maxSize: 0, maxFiles: 1 },
        restart: 'no',
      },
      ...changes,
      process: {
        argv: ['/bin/sh', '-c', script],
        env: [
          'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
          `HOSTNAME=${hostname}`,
          'HOME=/root',
        ],
        cwd: '/',
        user: { uid: 0, gid: 0, groups: [0] },
        ...changes.process,
      },
      namespaces: {
        pid: PRIVATE,
        net: PRIVATE,
        ipc: PRIVATE,
        uts: PRIVATE,
        cgroup: PRIVATE,
        ...changes.namespaces,
      },
    }
  }

  async start(spec: RuntimeSpec): Promise<Running> {
    this.#ids.push(spec.id)
    this.host.cgroups.ensure(spec.id, spec.limits)
    await this.native.startMonitor(compileContainer(spec, this.host))
    const connection = await this.native.connectMonitor(spec.supervision.socketPath)
    let last: MonitorStatus | undefined
    const exited = new Promise<MonitorStatus>((resolve, reject) => {
      const onStatus = (status: MonitorStatus): void => {
        last = status
        if (status.phase === 'exited') resolve(status)
      }
      connection.subscribe(onStatus).catch(reject)
    })
    // A failed start rejects below; nobody waits for the exit then.
    exited.catch(() => undefined)
    const { pid } = await connection.start()
    const ended = exited.then(async status => {
      await connection.closed
      return { status, output: this.output(spec) }
    })
    return { id: spec.id, pid, monitorPid: last?.monitorPid ?? 0, spec, connection, ended }
  }

  /** Runs a script in a container to its end. */
  async run(script: string, changes: SpecChanges = {}): Promise<Ended> {
    const running = await this.start(this.spec(script, changes))
    return running.ended
  }

  /** Runs a process in a running container to its end. */
  async exec(container: Running, script: string, changes: Partial<ExecProcess> = {}): Promise<string> {
    const startTime = startTimeOf(container.pid) ?? 0n
    const process = { ...container.spec.process, argv: ['/bin/sh', '-c', script], ...changes }
    const program = compileExec(container.spec, { pid: container.pid, startTime }, process, this.host)
    const session = await this.native.exec(program, { tty: false, stdin: false })
    const [out, err] = await Promise.all([
      session.stdout.toArray(),
      session.stderr?.toArray() ?? [],
      session.exited,
    ])
    return Buffer.concat([...out, ...err]).toString()
  }

  /** What a container wrote, both streams, without the log's prefixes. */
  output(spec: RuntimeSpec): string {
    const log = spec.supervision.log?.path ?? ''
    if (!existsSync(log)) return ''
    const lines = readFileSync(log, 'utf8').split('\n').slice(0, -1)
    return lines
      .map(line =>
        line.replace(/^\S+ \S+ ([FP]) (.*)$/s, (_, kind, text) => text + (kind === 'F' ? '\n' : '')),
      )
      .join('')
  }

  /** Ends and removes everything that was started. */
  async close(): Promise<void> {
    for (const id of this.#ids) await this.host.cgroups.remove(id)
    this.host.cgroups.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** A root file system of the host's static busybox. */
export function buildBusybox(folder: string): void {
  for (const name of ['bin', 'etc', 'tmp', 'root', 'var', 'usr/bin', 'sbin'])
    mkdirSync(join(folder, name), { recursive: true })
  copyFileSync('/bin/busybox', join(folder, 'bin/busybox'))
  const applets = execFileSync('/bin/busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n')
  for (const applet of applets.filter(name => name !== 'busybox'))
    symlinkSync('/bin/busybox', join(folder, 'bin', applet))
  writeFileSync(
    join(folder, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33::/var/www:/bin/sh\n',
  )
  writeFileSync(join(folder, 'etc/group'), 'root:x:0:\nwww-data:x:33:\n')
}

function writeEtc(folder: string, hostname: string): void {
  const hosts = [
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::\tip6-localnet',
    'ff00::\tip6-mcastprefix',
    'ff02::1\tip6-allnodes',
    'ff02::2\tip6-allrouters',
    `10.99.0.2\t${hostname}`,
  ]
  writeFileSync(join(folder, 'hosts'), `${hosts.join('\n')}\n`)
  writeFileSync(join(folder, 'hostname'), `${hostname}\n`)
  writeFileSync(join(folder, 'resolv.conf'), 'nameserver 127.0.0.11\noptions ndots:0\n')
}
