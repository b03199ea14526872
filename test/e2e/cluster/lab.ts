import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Docker } from '../../../src/client/index.ts'
import { eventually } from '../harness/eventually.ts'
import { runProgram } from '../harness/run-program.ts'
import { engineEnvironment } from './engine-tools.ts'

/** Engines of a lab. */
const NODES = ['alpha', 'beta', 'gamma'] as const
export type NodeName = (typeof NODES)[number]

/** Where every node finds the registry: on its own loopback, which Docker trusts without TLS. */
export const REGISTRY = '127.0.0.1:5000'

export interface LabOptions {
  /** Default: all. */
  readonly nodes?: readonly NodeName[]
  /** What else engines are started with. */
  readonly flags?: string
}

interface Node {
  readonly name: NodeName
  readonly address: string
  readonly socket: string
  readonly child: ChildProcess
  /** The first process in its namespaces. */
  readonly pid: number
}

/**
 * A swarm of three engines, each in namespaces of its own (mounts, network, host name, processes), on a bridge between them that is in
 * another one: of the machine nothing is touched but its control groups. alpha is the manager.
 */
export class SwarmLab {
  readonly folder: string
  readonly #env: Readonly<Record<string, string>>
  readonly #children: ChildProcess[] = []
  readonly #nodes = new Map<NodeName, Node>()
  #switch = 0

  private constructor() {
    this.folder = mkdtempSync('/var/tmp/tscompose-swarm-')
    this.#env = engineEnvironment(join(this.folder, 'bin'))
  }

  /** Starts all and makes them one swarm. `stop` it in afterAll. */
  static async start({ nodes = NODES, flags = '' }: LabOptions = {}): Promise<SwarmLab> {
    const lab = new SwarmLab()
    try {
      await lab.#startNodes(nodes, flags)
      await lab.#formSwarm()
      return lab
    } catch (error) {
      await lab.stop()
      throw error
    }
  }

  /** The manager's address, as `-H` takes it. */
  get manager(): string {
    return `unix://${this.#node('alpha').socket}`
  }

  client(name: NodeName = 'alpha'): Docker {
    return new Docker({ socketPath: this.#node(name).socket, errors: 'own' })
  }

  /** What a command line begins with that is run where the manager's loopback is, with the paths of this machine. */
  get besideManager(): readonly string[] {
    return ['nsenter', '-t', String(this.#node('alpha').pid), '-n']
  }

  /** Starts a program in all namespaces of the manager; it ends with the lab. */
  startInManager(script: string): void {
    const inside = ['-t', String(this.#node('alpha').pid), '-m', '-n', '-u', '-p']
    this.#spawn('nsenter', [...inside, 'bash', '-c', script])
  }

  /** Variables with which the CLI that came with the engine is found, and what it takes. */
  get environment(): Readonly<Record<string, string>> {
    return this.#env
  }

  /** Runs the CLI that came with the engine, or another one, against the manager. */
  docker(args: readonly string[], cli = 'docker', more: Readonly<Record<string, string>> = {}): string {
    const env = { ...this.#env, DOCKER_HOST: this.manager, HOME: this.folder, ...more }
    return execFileSync(cli, args, {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: this.folder,
    })
  }

  /** The same while this process goes on: it may be who listens in front of the manager. */
  async dockerBeside(args: readonly string[]): Promise<void> {
    const env = { ...this.#env, DOCKER_HOST: this.manager, HOME: this.folder }
    const { status, stderr } = await runProgram('docker', args, { env, cwd: this.folder })
    if (status !== 0) throw new Error(stderr)
  }

  /** Has the registry have an image of busybox with a file that says which version it is. */
  pushImage(name: string, version: string): string {
    const files = mkdtempSync(join(this.folder, 'image-'))
    mkdirSync(join(files, 'bin'))
    const busybox = ['/bin/busybox', '/usr/bin/busybox'].find(existsSync) ?? ''
    copyFileSync(busybox, join(files, 'bin/busybox'))
    for (const program of [
      'sh',
      'sleep',
      'echo',
      'cat',
      'httpd',
      'wget',
      'hostname',
      'true',
      'false',
      'nslookup',
    ])
      symlinkSync('busybox', join(files, 'bin', program))
    writeFileSync(join(files, 'version'), `${version}\n`)
    const archive = `${files}.tar`
    execFileSync('tar', ['-C', files, '-cf', archive, '.'])
    const reference = `${REGISTRY}/${name}:${version}`
    this.docker(['import', archive, reference])
    this.docker(['push', reference])
    return reference
  }

  /** Ends an engine and all that it runs, as a power cut would. */
  kill(name: NodeName): void {
    process.kill(this.#node(name).pid, 'SIGKILL')
  }

  /** Takes a node off the network, or puts it back. */
  plug(name: NodeName, isIn: boolean): void {
    this.#inSwitch('ip', 'link', 'set', `to-${name}`, isIn ? 'up' : 'down')
  }

  async stop(): Promise<void> {
    const ended = this.#children.map(child => this.#ended(child))
    for (const { pid } of this.#nodes.values()) killIfThere(pid)
    for (const child of this.#children) if (child.exitCode === null) child.kill('SIGKILL')
    await Promise.all(ended)
    try {
      // What ends with the namespaces of a node is in its groups until it has been reaped.
      await eventually('the groups of its containers are gone', () => removeGroups(this.#group))
    } finally {
      rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    }
  }

  get #group(): string {
    return `tscompose-swarm-${process.pid}`
  }

  async #startNodes(nodes: readonly NodeName[], flags: string): Promise<void> {
    const holder = this.#spawn('unshare', ['-n', 'sleep', 'infinity'])
    this.#switch = holder.pid ?? 0
    await eventually('the switch is there', () => isApart(this.#switch))
    this.#inSwitch('ip', 'link', 'add', 'switch', 'type', 'bridge')
    this.#inSwitch('ip', 'link', 'set', 'switch', 'up')
    const storage = join(this.folder, 'registry')
    writeFileSync(
      join(this.folder, 'registry.yml'),
      JSON.stringify({
        version: '0.1',
        storage: { filesystem: { rootdirectory: storage } },
        http: { addr: REGISTRY, secret: 'test' },
      }),
    )
    await Promise.all(nodes.map((name, index) => this.#startNode(name, index + 1, flags)))
  }

  async #startNode(name: NodeName, number: number, more: string): Promise<void> {
    const folder = join(this.folder, name)
    mkdirSync(folder)
    const address = `10.213.${process.pid % 250}.${number}`
    const socket = join(folder, 'docker.sock')
    const script = `
      hostname ${name}; mount -t tmpfs tmpfs /run; mkdir -p /run/docker /run/netns /run/lock
      read -r _
      ip link set lo up; ip addr add ${address}/24 dev eth0; ip link set eth0 up; ip route add default via ${address}
      docker-registry serve ${this.folder}/registry.yml >${folder}/registry.log 2>&1 &
      exec dockerd --data-root ${folder}/data --exec-root /run/docker --pidfile /run/dockerd.pid -H unix://${socket} ${more} \
        --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent /${this.#group} --log-level warn >${folder}/log 2>&1`
    const flags = ['-m', '-n', '-u', '-p', '-f', '--mount-proc', '--propagation', 'private', '--kill-child']
    const child = this.#spawn('unshare', [...flags, 'bash', '-c', script], 'pipe')
    const pid = await eventually(`${name} has its namespaces`, () => firstChild(child.pid ?? 0))
    await eventually(`${name} is apart`, () => isApart(pid))
    this.#nodes.set(name, { name, address, socket, child, pid })
    const link = ['type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid)]
    this.#inSwitch('ip', 'link', 'add', `to-${name}`, ...link)
    this.#inSwitch('ip', 'link', 'set', `to-${name}`, 'master', 'switch', 'up')
    child.stdin?.write('\n')
    await eventually(`${name} answers`, async () => existsSync(socket) && (await this.client(name).ping()))
  }

  async #formSwarm(): Promise<void> {
    const manager = this.#node('alpha')
    const listening = { ListenAddr: '0.0.0.0:2377' }
    // Nodes that are gone are missed within seconds.
    const Spec = { Dispatcher: { HeartbeatPeriod: 1e9 }, Orchestration: { TaskHistoryRetentionLimit: 5 } }
    await this.client().swarmInit({ ...listening, AdvertiseAddr: manager.address, Spec })
    const { JoinTokens } = await this.client().swarmInspect()
    await Promise.all(
      [...this.#nodes.keys()]
        .filter(name => name !== 'alpha')
        .map(name =>
          this.client(name).swarmJoin({
            ...listening,
            AdvertiseAddr: this.#node(name).address,
            RemoteAddrs: [`${manager.address}:2377`],
            JoinToken: JoinTokens.Worker,
          }),
        ),
    )
    await eventually('all nodes are ready', async () => {
      const nodes = await this.client().listNodes()
      return nodes.length === this.#nodes.size && nodes.every(({ Status }) => Status.State === 'ready')
    })
  }

  #node(name: NodeName): Node {
    const node = this.#nodes.get(name)
    if (node === undefined) throw new Error(`no node ${name}`)
    return node
  }

  #inSwitch(...command: readonly string[]): void {
    execFileSync('nsenter', ['-t', String(this.#switch), '-n', ...command], { stdio: 'pipe' })
  }

  #spawn(program: string, args: readonly string[], stdin: 'pipe' | 'ignore' = 'ignore'): ChildProcess {
    const child = spawn(program, args, { env: this.#env, stdio: [stdin, 'ignore', 'ignore'] })
    this.#children.push(child)
    return child
  }

  async #ended(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    await new Promise(resolve => child.once('exit', resolve))
  }
}

function firstChild(pid: number): number | undefined {
  const found = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]
  return found === undefined || found === '' ? undefined : Number(found)
}

/** Whether a process is in a network namespace other than ours. */
function isApart(pid: number): boolean {
  return netOf(pid) !== netOf('self')
}

function netOf(pid: number | string): string {
  return execFileSync('readlink', [`/proc/${pid}/ns/net`], { encoding: 'utf8' })
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Engines leave the groups that their containers were in. True when all have gone. */
function removeGroups(name: string): boolean {
  const remove = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory()) remove(join(folder, entry.name))
    rmdirSync(folder)
  }
  const roots = ['/sys/fs/cgroup', ...readdirSync('/sys/fs/cgroup').map(each => join('/sys/fs/cgroup', each))]
  for (const root of roots) if (existsSync(join(root, name))) remove(join(root, name))
  return true
}
