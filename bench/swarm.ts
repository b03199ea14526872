import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { openCluster } from '../src/project/deploy/index.ts'

/** Services of a stack. */
const SIZES = [10, 100, 1000, 10_000] as const

/** A service as they are: variables, a limit, a health check; of fifty images. Tasks need run for no time here. */
function composeFile(count: number): string {
  const services = Array.from(
    { length: count },
    (_, index) =>
      `  s${index}: {image: "registry.example/i${index % 50}:1", environment: {A: "1", B: "2"}, mem_limit: 64m, healthcheck: {test: ["CMD", "true"], interval: 10s}, deploy: {update_config: {monitor: 1ms}}}\n`,
  )
  return `name: many\nservices:\n${services.join('')}`
}

/**
 * What a deploy asks of a manager by the number of services: calls and bytes, counted at one that answers as recorded. It is in the same
 * process and answers at once: times are of this machine's part.
 */
export async function measureSwarm(folder: string): Promise<void> {
  console.log('services  what         calls  writes  sent, kB  answered, kB  seconds  largest answer, kB')
  for (const count of SIZES) {
    const manager = new RecordedManager()
    const host = await manager.listen()
    const project = join(folder, `stack-${count}`)
    mkdirSync(project)
    const write = (file: string): void => writeFileSync(join(project, 'compose.yaml'), file)
    const deploy = async (detach: boolean): Promise<unknown> =>
      (await openCluster({ cwd: project, env: { HOME: folder } }, { to: 'swarm', host })).deploy(
        {},
        { detach },
      )
    write(composeFile(count))
    await manager.count(count, 'first', () => deploy(true))
    await manager.count(count, 'nothing', () => deploy(false))
    write(composeFile(count).replace('A: "1"', 'A: "2"'))
    await manager.count(count, 'one changed', () => deploy(false))
    manager.close()
  }
}

type Json = Readonly<Record<string, unknown>>

/**
 * A manager that keeps what it is told and answers as Docker 20.10 did when it was recorded: what is around a spec (times, versions,
 * addresses, states) is as large as there. Tasks run at once.
 */
class RecordedManager {
  readonly #server: Server
  readonly #services = new Map<string, Json>()
  readonly #networks: Json[] = []
  #index = 100_000
  #counts = NONE

  constructor() {
    this.#server = createServer(async (request, response) => {
      const body = await text(request)
      const answer = JSON.stringify(this.#answer(request, body))
      const { calls, writes, sent, answered, largest } = this.#counts
      this.#counts = {
        calls: calls + 1,
        writes: writes + (request.method === 'GET' ? 0 : 1),
        sent: sent + body.length,
        answered: answered + answer.length,
        largest: Math.max(largest, answer.length),
      }
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(answer)
    })
  }

  async listen(): Promise<string> {
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve))
    return `tcp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  /** Does something, and prints what was asked for it. */
  async count(services: number, what: string, work: () => Promise<unknown>): Promise<void> {
    this.#counts = NONE
    const begun = performance.now()
    await work()
    const { calls, writes, sent, answered, largest } = this.#counts
    const kilo = (bytes: number): string => (bytes / 1000).toFixed(0)
    const cells = [calls, writes, kilo(sent), kilo(answered), ((performance.now() - begun) / 1000).toFixed(1)]
    console.log(
      `${String(services).padEnd(9)} ${what.padEnd(11)} ${cells.map(cell => String(cell).padStart(8)).join(' ')} ${kilo(largest).padStart(10)}`,
    )
  }

  #answer({ method, url = '' }: IncomingMessage, body: string): unknown {
    const path = new URL(url, 'http://manager').pathname.replace(/^\/v[\d.]+/, '')
    if (path === '/services') return [...this.#services.values()]
    if (path === '/tasks') return [...this.#services.values()].map(taskOf)
    if (path === '/networks') return this.#networks
    if (path === '/networks/create') return this.#makeNetwork(JSON.parse(body) as Json)
    if (/^\/services\/(?:create|.*\/update)$/.test(path)) return this.#keepService(JSON.parse(body) as Json)
    if (path.startsWith('/distribution/')) return DISTRIBUTION
    return method === 'GET' ? [] : {}
  }

  #makeNetwork(spec: Json): Json {
    const Id = idOf('network', this.#networks.length)
    const { Name, Driver, Labels } = spec
    this.#networks.push({ ...NETWORK, Name, Driver, Labels, Id })
    return { Id, Warning: '' }
  }

  #keepService(spec: Json): Json {
    const before = this.#services.get(String(spec['Name']))
    const ID = String(before?.['ID'] ?? idOf('service', this.#services.size))
    const PreviousSpec = before === undefined ? {} : { PreviousSpec: before['Spec'] }
    this.#index += 1
    const Version = { Index: this.#index }
    this.#services.set(String(spec['Name']), { ID, Version, ...SERVICE, Spec: spec, ...PreviousSpec })
    return { ID }
  }
}

const NONE = { calls: 0, writes: 0, sent: 0, answered: 0, largest: 0 }

function idOf(kind: string, index: number): string {
  return `${kind}${String(index).padStart(25 - kind.length, '0')}`
}

/** A task of a service as it runs. */
function taskOf({ ID, Spec }: Json, index: number): Json {
  return { ID: idOf('task', index), ...TASK, Spec: (Spec as Json)['TaskTemplate'], ServiceID: ID }
}

const TIMES = { CreatedAt: '2026-11-29T22:23:49.193886368Z', UpdatedAt: '2026-11-29T22:23:49.206692271Z' }
const NETWORK_ID = '2butun0ap58nss088zoiw1vrl'
const IPAM = { Driver: 'default', Options: null, Config: [{ Subnet: '10.0.1.0/24', Gateway: '10.0.1.1' }] }
const LABELS = { 'com.docker.stack.namespace': 'many' }
const VXLAN = { 'com.docker.network.driver.overlay.vxlanid_list': '4097' }

const SERVICE = {
  ...TIMES,
  Endpoint: { Spec: { Mode: 'vip' }, VirtualIPs: [{ NetworkID: NETWORK_ID, Addr: '10.0.1.2/24' }] },
  ServiceStatus: { RunningTasks: 1, DesiredTasks: 1, CompletedTasks: 0 },
}

const NETWORK = {
  ...{
    Created: TIMES.CreatedAt,
    Scope: 'swarm',
    EnableIPv6: false,
    IPAM,
    Internal: false,
    Attachable: false,
  },
  ...{ Ingress: false, ConfigFrom: { Network: '' }, ConfigOnly: false, Containers: null, Options: VXLAN },
}

const TASK = {
  ...{
    Version: { Index: 26 },
    ...TIMES,
    Labels: {},
    Slot: 1,
    NodeID: 'my00vhbo212b4fqeba51xas89',
    DesiredState: 'running',
  },
  Status: {
    ...{ Timestamp: '2026-11-29T22:24:01.523805237Z', State: 'running', Message: 'started', PortStatus: {} },
    ContainerStatus: {
      ...{
        ContainerID: '36be395ddc36f29a58b8a1b3a17e31a56d1aaefd0f5ec7babc1ab1a0e3626cc5',
        PID: 428,
        ExitCode: 0,
      },
    },
  },
  NetworksAttachments: [
    {
      Network: {
        ...{ ID: NETWORK_ID, Version: { Index: 17 }, ...TIMES },
        Spec: {
          Name: 'many_default',
          Labels: LABELS,
          DriverConfiguration: { Name: 'overlay' },
          Scope: 'swarm',
        },
        DriverState: { Name: 'overlay', Options: VXLAN },
        IPAMOptions: { Driver: { Name: 'default' }, Configs: IPAM.Config },
      },
      Addresses: ['10.0.1.3/24'],
    },
  ],
}

const DISTRIBUTION = {
  Descriptor: {
    mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    digest: 'sha256:6a2e7d68cd0c87115c93ea6473a272ae2f326ce1553bef4d32f2330236cf0bb6',
    size: 527,
  },
  Platforms: [{ architecture: 'amd64', os: 'linux' }],
}
