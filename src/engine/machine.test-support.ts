import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { memoryFolder } from '../linux/testing/memory-folder.ts'
import type { NativeScript } from '../native/index.ts'
import { SimulatedMonitors } from '../native/testing/simulated-monitors.ts'
import { renderTable } from '../network/firewall/table.ts'
import type { Limits } from './cgroup/index.ts'
import { openWithoutKernel, storeImage, type UnkernelledEngine } from './engine.test-support.ts'
import type { ContainerRecord, RunRecord } from './state/container-record.ts'
import type { NetworkRecord } from './state/network-record.ts'

/** A network that the machine has; its addresses are 10.99.0.2 and on. */
export const NETWORK_ID: string = 'ab'.repeat(32)

/**
 * A machine without a kernel on which engines come and go: monitors, control groups and firewall rules outlive them, and so
 * do the files. It has the image `app:1` and the network `net`, whose bridge it has from the start: nobody makes one.
 */
export class SimulatedMachine {
  readonly folder: string = memoryFolder('tsc-machine-')
  readonly monitors: SimulatedMonitors = new SimulatedMonitors()
  /** Ids of the containers that have control groups. */
  readonly groups: Set<string> = new Set()
  readonly frozen: Set<string> = new Set()
  /** Ids of the containers whose control groups were killed, in order. */
  readonly killed: string[] = []
  /** The firewall's table, in the words of nft. */
  rules: string = ''
  /** Called before the firewall takes rules; what it raises is the kernel's refusal. */
  onRules: (rules: string) => void = () => undefined
  /** Awaited before a container's groups are removed. */
  onRelease: () => void | Promise<void> = () => undefined
  /** Limits that containers' groups got while they ran, in order, and what the kernel says of each before it takes them. */
  readonly limits: Limits[] = []
  /** What of these limits its control groups have not. */
  lost: (limits: Limits) => string[] = () => []
  onLimits: (limits: Limits) => void = () => undefined
  /** Called before a container gets its groups. */
  onGroups: () => void = () => undefined
  #engine: UnkernelledEngine | undefined

  /** To be called once, before the first engine. */
  async prepare(): Promise<this> {
    await storeImage(this.folder)
    const network: NetworkRecord = {
      version: 1,
      id: NETWORK_ID,
      name: 'net',
      driver: 'bridge',
      created: '2026-01-01T00:00:00Z',
      labels: {},
      options: { 'com.docker.network.bridge.name': 'lo' },
      attachable: false,
      internal: false,
      enableIPv4: true,
      enableIPv6: false,
      ipam: { Config: [{ Subnet: '10.99.0.0/24' }] },
      subnets: [{ subnet: '10.99.0.0/24', gateway: '10.99.0.1' }],
    }
    mkdirSync(this.path('root/networks'), { recursive: true })
    writeFileSync(this.path('root/networks', `${NETWORK_ID}.json`), JSON.stringify(network))
    return this
  }

  /** A new engine; one that is there is let go before. */
  async open(script: NativeScript = {}): Promise<UnkernelledEngine> {
    await this.#engine?.engine.close()
    this.#engine = await openWithoutKernel(this.folder, script, {
      native: given => this.monitors.native(given),
      cgroups: {
        ensure: id => {
          this.onGroups()
          this.groups.add(id)
          return []
        },
        remove: async id => {
          await this.onRelease()
          this.groups.delete(id)
        },
        lost: limits => this.lost(limits),
        update: (_, limits) => this.lost(limits),
        change: (_, limits) => {
          this.onLimits(limits)
          this.limits.push(limits)
          return []
        },
        kill: async id => void this.killed.push(id),
        freezer: id => ({
          freeze: async () => void this.frozen.add(id),
          thaw: async () => void this.frozen.delete(id),
          release: () => void this.frozen.delete(id),
          frozen: () => this.frozen.has(id),
          freezing: () => this.frozen.has(id),
          held: () => this.frozen.has(id),
        }),
        list: () => [...this.groups],
      },
      onTable: table => {
        const rules = renderTable(table)
        this.onRules(rules)
        this.rules = rules
      },
    })
    return this.#engine
  }

  /** The engine ends without a word; what is left is the files and the monitors. */
  async closeEngine(): Promise<void> {
    await this.#engine?.engine.close()
    this.#engine = undefined
  }

  /** Power off and on: the records are of another boot, and RUN, a tmpfs, is empty. */
  async reboot(): Promise<void> {
    await this.closeEngine()
    await this.monitors.killAll()
    this.groups.clear()
    rmSync(this.path('run'), { recursive: true, force: true })
    for (const id of readdirSync(this.path('root/containers'))) {
      for (const name of ['state.json', 'status']) {
        const path = this.path('root/containers', id, name)
        if (existsSync(path))
          writeFileSync(
            path,
            readFileSync(path, 'utf8').replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, OTHER_BOOT),
          )
      }
    }
  }

  async end(): Promise<void> {
    await this.closeEngine()
    await this.monitors.killAll()
    // An engine that was opened just now still repairs, and makes its folder anew.
    for (let quiet = 0; quiet < 5; quiet++) {
      if (existsSync(this.folder)) quiet = 0
      rmSync(this.folder, { recursive: true, force: true })
      await sleep(2)
    }
  }

  path(...parts: readonly string[]): string {
    return join(this.folder, ...parts)
  }

  /** A file of a container in ROOT. */
  file(id: string, name: string): string {
    return this.path('root/containers', id, name)
  }

  record(id: string): ContainerRecord {
    return JSON.parse(readFileSync(this.file(id, 'record.json'), 'utf8'))
  }

  run(id: string): RunRecord {
    return JSON.parse(readFileSync(this.file(id, 'state.json'), 'utf8'))
  }

  /** What the network's names file says of a name: its addresses. */
  addressesOf(name: string): string[] {
    const path = this.path('run/networks', NETWORK_ID, 'names')
    if (!existsSync(path)) return []
    return readFileSync(path, 'utf8')
      .split('\n')
      .flatMap(line => (line.startsWith(`a ${name} `) ? [line.split(' ')[2] ?? ''] : []))
  }

  /** What runs of containers have left: all of it is empty when nothing runs. */
  traces(): Readonly<Record<'monitors' | 'groups' | 'folders' | 'addresses' | 'ports', readonly unknown[]>> {
    return {
      monitors: this.monitors.living,
      groups: [...this.groups],
      folders: readdirSync(this.path('run/containers')),
      addresses: readdirSync(this.path('run/networks')).flatMap(id =>
        // The host has a name on each network, whoever runs there.
        [
          ...readFileSync(this.path('run/networks', id, 'names'), 'utf8').matchAll(
            /^a (?!host\.docker\.internal ).*$/gm,
          ),
        ].map(String),
      ),
      ports: publishedIn(this.rules),
    }
  }
}

/** The published ports of a table, as nft writes them: `tcp . 8080 : 10.99.0.2 . 80`. */
export function publishedIn(rules: string): string[] {
  return rules.match(/(tcp|udp|sctp) \. \d+( comment "[^"]*")? : \S+ \. \d+/g) ?? []
}

const OTHER_BOOT = '11111111-2222-3333-4444-555555555555'

/** What `traces` says of a machine on which nothing runs. */
export const NOTHING = { monitors: [], groups: [], folders: [], addresses: [], ports: [] } as const

/** A port of the host that no other process that runs tests has; `number` tells several of a file apart, up to 7. */
export function ownPort(number = 0): number {
  return 20_000 + (process.pid % 1500) * 8 + number
}
