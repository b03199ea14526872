import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readlinkSync } from 'node:fs'
import { Docker } from '../../../../src/client/index.ts'
import { drift, plan, type Target } from '../../../../src/project/index.ts'
import { makeSandbox, type Sandbox } from '../../harness/sandbox.ts'

/** Subnets of this process alone. */
const OCTET = process.pid % 200

/** The address of the host that its ports are published at, likewise. */
export const HOST: string = `127.0.64.${OCTET + 7}`

/** Three services on two networks, with a volume, published ports and limits. */
const FILE = `name: drifted
services:
  web:
    image: busybox
    init: true
    command: [sh, -c, "nc -ll -p 80 -e echo web & wait"]
    ports: ["${HOST}:18301:80", "${HOST}:18302:81/udp"]
    networks: [front, back]
    volumes: ["data:/data"]
    mem_limit: 64m
    cpus: 0.5
    pids_limit: 100
  api:
    image: busybox
    init: true
    command: sleep 6000
    networks: [front]
    x-tscompose: {egress: ["10.9.0.0/16", "example.org:443"]}
  db:
    image: busybox
    init: true
    command: sleep 6000
    networks: [back]
    volumes: ["data:/data", "./app.conf:/etc/app.conf:ro", "./src:/srv/src"]
    hostname: store
    cpu_shares: 512
    read_only: true
    tmpfs: ["/cache:size=1m"]
    sysctls: {net.core.somaxconn: 333}
    ulimits: {nofile: 512}
    oom_score_adj: 400
networks:
  front:
    enable_ipv6: true
    ipam: {config: [{subnet: 10.214.${OCTET}.0/25}, {subnet: "fd00:214:${OCTET}::/64"}]}
  back:
    internal: true
    ipam: {config: [{subnet: 10.214.${OCTET}.128/25}]}
volumes:
  data: {}
`

/** What a fault is done to: a container that runs, by what the kernel knows of it. */
export interface DriftedContainer {
  readonly id: string
  readonly pid: number
  /** By the network's key: addresses as `ip` writes them, and the outside end of its pair. */
  readonly on: Readonly<Record<string, { readonly address: string; readonly veth: string }>>
}

/** The project that faults are put into, one after the other. */
export class DriftedProject {
  readonly sandbox: Sandbox = makeSandbox()
  /** What the addresses of both networks begin with: front has the lower half of the subnet, back the upper one. */
  readonly four: string = `10.214.${OCTET}`
  /** The same of front's of IPv6. */
  readonly six: string = `fd00:214:${OCTET}:`
  containers: Readonly<Record<string, DriftedContainer>> = {}
  /** Bridges by the network's key. */
  bridges: Readonly<Record<string, string>> = {}
  /** Ids of networks by their key. */
  networks: Readonly<Record<string, string>> = {}
  #docker: Docker | undefined

  async start(): Promise<void> {
    await this.sandbox.busybox()
    await this.sandbox.hold()
    this.#docker = new Docker({ socketPath: this.sandbox.socket })
    this.sandbox.write('compose.yaml', FILE)
    this.sandbox.write('app.conf', 'first\n')
    this.sandbox.write('src/main', 'first\n')
    await this.sandbox.ok('up', '-d')
    await this.look()
  }

  async end(): Promise<void> {
    this.#docker?.modem.destroy()
    await this.sandbox.close()
  }

  get docker(): Docker {
    if (this.#docker === undefined) throw new Error('the project was not started')
    return this.#docker
  }

  /** Finds out anew what the kernel knows its containers by. */
  async look(): Promise<void> {
    const found = ['web', 'api', 'db'].map(async (service): Promise<[string, DriftedContainer]> => {
      const { Id, State, NetworkSettings } = await this.docker.getContainer(`drifted-${service}-1`).inspect()
      const on = Object.entries(NetworkSettings.Networks).map(([name, each]) => [
        name.replace('drifted_', ''),
        { address: `${each.IPAddress}/${each.IPPrefixLen}`, veth: `tv${each.EndpointID?.slice(0, 11)}` },
      ])
      return [service, { id: Id, pid: State.Pid, on: Object.fromEntries(on) }]
    })
    this.containers = Object.fromEntries(await Promise.all(found))
    const networks = ['front', 'back'].map(async key => {
      const { Id } = await this.docker.getNetwork(`drifted_${key}`).inspect()
      return [key, Id] as const
    })
    this.networks = Object.fromEntries(await Promise.all(networks))
    this.bridges = Object.fromEntries(
      Object.entries(this.networks).map(([key, id]) => [key, `tsc-${id.slice(0, 11)}`]),
    )
  }

  of(service: string): DriftedContainer {
    const found = this.containers[service]
    if (found === undefined) throw new Error(`no service ${service}`)
    return found
  }

  /** The engine's table of rules on the host. */
  get table(): string {
    const id = createHash('sha256').update(this.sandbox.env['TSCOMPOSE_ROOT'] ?? '')
    return `tscompose_${id.digest('hex').slice(0, 6)}`
  }

  bridge(key: string): string {
    return this.bridges[key] ?? ''
  }

  veth(service: string, key: string): string {
    return this.of(service).on[key]?.veth ?? ''
  }

  /** Runs a program on the host, `ip link del …`; what fails fails the test. */
  host(words: string): string {
    const [file = '', ...args] = words.split(' ')
    return execFileSync(file, args, { encoding: 'utf8' })
  }

  /** The same in the network namespace of a service. */
  inside(service: string, words: string): string {
    return this.host(`nsenter -t ${this.of(service).pid} -n ${words}`)
  }

  /** The processes of all services, each by a namespace of its own. */
  processes(): Record<string, string> {
    return Object.fromEntries(
      Object.entries(this.containers).map(([service, { pid }]) => [
        service,
        readlinkSync(`/proc/${pid}/ns/pid`),
      ]),
    )
  }

  /** What `drift` tells: `web-1 endpoint.front.link`. Asked in this process: a command for each would cost more than all else. */
  async drift(): Promise<string[]> {
    const own = (text: string): string => text.replaceAll(/drifted[_-]/g, '')
    return (await drift(this.#target)).map(({ name, path }) => `${own(name)} ${own(path)}`).sort()
  }

  /** What `up` would do. */
  async planned(): Promise<string[]> {
    return (await plan(this.#target)).operations.map(({ id }) => id)
  }

  get #target(): Target {
    return { cwd: this.sandbox.folder, env: this.sandbox.env }
  }
}
