import type { Native, SetupOp } from '../../native/index.ts'
import type { FirewallNetwork } from '../firewall/firewall-state.ts'
import type { Family } from '../ip/address.ts'
import type { Subnet } from '../ipam/subnets.ts'
import type { BridgePort } from '../netlink/index.ts'

/** A network, as every driver is given it. The engine's network record contains all of it. */
export interface Network {
  /** 64 hex digits. */
  readonly id: string
  readonly name: string
  /** The name of its driver: see `driverOf`. */
  readonly driver: string
  /** No way outside: no masquerade, no forwarding but within the network, no default route, names asked of its own servers alone. */
  readonly internal: boolean
  readonly subnets: readonly Subnet[]
  /** `driver_opts`, as `checkOptions` let them pass; only the driver knows what they mean. */
  readonly options: Readonly<Record<string, string>>
}

/** A container's place in one network, all of it decided. The engine's container record contains all of it. */
export interface Endpoint {
  /** 64 hex digits. */
  readonly id: string
  readonly network: Network
  /** Name inside the container: `eth0`, `eth1` …, or the user's `interface_name`. */
  readonly interfaceName: string
  /** Lower case, `02:42:…`. */
  readonly macAddress: string
  /** Addresses with the subnet's prefix length, `172.18.0.2/24`; at most one a family, then link-local ones. */
  readonly addresses: readonly string[]
  /** The endpoint with the highest one gives the default route (`gw_priority`); 0 where not set. */
  readonly gwPriority?: number
  /** Whether its interface has IPv6; absent: as the network has it. */
  readonly ipv6?: boolean
  /** Sysctls of its interface, by slashed key. */
  readonly sysctls?: Readonly<Record<string, string>>
  /** Whose it is, for who looks at the host's links. */
  readonly of?: { readonly container: string; readonly engineId: string }
}

/**
 * Index that we choose for a link of the endpoint, outside or, in a container that runs already, inside: above all that
 * the kernel or we count up to.
 */
export function linkIndex(endpoint: Pick<Endpoint, 'id'>): number {
  return 0x2000_0000 + Number.parseInt(endpoint.id.slice(0, 7), 16)
}

/** One thing in the kernel that is not as the driver set it up. */
export interface Drift {
  /** What it is, in one word: `bridge`, `link`. */
  readonly path: string
  readonly want: string
  readonly got: string
}

/** The links in the host's network namespace, as an observation looks at them. */
export interface Links {
  has(name: string): boolean
  /** The index by which a message names a link that we have not made ourselves; undefined for one that is not there. */
  indexOf(name: string): number | undefined
  /** The MAC address of a link; undefined for one that is not there. */
  macOf(name: string): string | undefined
  /** The bridge that a link is a port of; undefined for one that is of none, or is not there. */
  masterOf(name: string): string | undefined
  /** The ports of a bridge; none of one that is not there. */
  portsOf(name: string): readonly string[]
  /** Whether a link that is there is up. */
  isUp(name: string): boolean
  /** Bytes; undefined for a link that is not there. */
  mtuOf(name: string): number | undefined
  /** Of a bridge's port, how it is set; undefined for another link, and where whoever looks is not told. */
  portOf(name: string): BridgePort | undefined
  /** Addresses with prefix length; undefined where whoever looks is not told of any. */
  addressesOf(name: string): readonly string[] | undefined
}

/** The engine that things of the kernel belong to. */
export interface Owner {
  /** Empty for the default ROOT. */
  readonly engineId: string
  readonly root: string
}

/** The host that a driver works on: its effects, so that a test can put others in their place. */
export interface Host {
  readonly native: Pick<Native, 'run'>
  readonly links: Links
  /** What is made says whose it is, where that is known. */
  readonly owner?: Owner
  /** Makes the host a router, where it is none. */
  readonly forward: (options: { readonly ipv6: boolean }) => Promise<void>
}

/**
 * A kind of network. What stands on the host for a whole network is set up, observed, repaired and torn down by effects;
 * what brings one container onto it is operations, which the container's own program, or one for `native.run`, takes in
 * its stage `setup`. All else is the same for every kind, and no driver's business: loopback, addresses, default routes,
 * the guard (`src/network/program`), names, host ports.
 *
 * A driver never asks who uses a network; the engine does, and holds the network's lock while it calls.
 */
export interface NetworkDriver {
  /** As in `driver:` and in records. */
  readonly name: string
  /** Whether networks of this driver are made; of one that is a mode of a container there is one, and it is predefined. */
  readonly creatable: boolean
  /** Whether its networks have subnets, which containers get their addresses from. */
  readonly hasSubnets: boolean

  /** Options of a network that is to be made, beside the `others` that there are. Failure NETWORK_OPTION. */
  checkOptions(
    options: Network['options'],
    others: readonly Network[],
    links: Pick<Links, 'has'>,
    /** Whether it will have IPv6. */
    hasIpv6?: boolean,
  ): void

  /** What this machine has not that such a network needs, found without making anything. NETWORK_UNSUPPORTED, NETWORK_PARENT. */
  checkMachine(host: Host, network: Pick<Network, 'options'>): Promise<void>
  /** Options that it does not know: they are kept, and whoever makes the network is told that they have no effect. */
  unknownOptions(options: Network['options']): readonly string[]
  /** The address of the host at which ports are published that name none; undefined: all. */
  hostBinding(network: Pick<Network, 'options'>): string | undefined

  /** Makes what stands on the host for the network. What stands there already is fine, and costs a look. */
  setup(host: Host, network: Network): Promise<void>
  /** Removes it, as far as none of the `others` stands on it; fine where nothing stands. Resolves when nothing that led to it is left either. */
  teardown(host: Host, network: Network, others: readonly Network[]): Promise<void>
  /** Whether it stands at all: a look, which every start can afford. */
  stands(links: Links, network: Network): boolean
  /** What the host has otherwise than `setup` leaves it. */
  observe(links: Links, network: Network): readonly Drift[]
  /** Sysctls of what stands there, by slashed key, as they should be while it is used. */
  settings(network: Network): Readonly<Record<string, string>>
  /** Puts that right, for the containers that are on it as well: none is restarted. */
  repair(host: Host, network: Network, endpoints: readonly Endpoint[]): Promise<void>

  /** How many containers it has room for at once; undefined: as many as it has addresses for. */
  roomOf(network: Pick<Network, 'options'>): number | undefined
  /** The one MAC address that all of the network's containers have; undefined where each has its own. */
  sharedMac(links: Links, network: Network): string | undefined
  /** Whether addresses stay taken in the kernel for a moment after the namespace that had them has gone. */
  readonly lingers: boolean
  /**
   * Operations after which the container's namespace (fd 100) has the interface `interfaceName`, under this index, down,
   * whatever an earlier run of the endpoint left behind. `links` is for one that hangs on a link of the host's own.
   */
  attach(endpoint: Endpoint, index: number, links: Links): SetupOp[]
  /** Operations after which it has it no more; fine when it has gone already. */
  detach(endpoint: Endpoint): SetupOp[]
  /** What the host has otherwise than `attach` leaves it; not what is so because the network does not stand. */
  observeEndpoint(links: Links, endpoint: Pick<Endpoint, 'id' | 'network'>): readonly Drift[]
  /** Operations that put right what the host has of an endpoint whose interface is there. */
  reattach(endpoint: Endpoint): SetupOp[]
  /** Bytes of a frame on its interface; undefined where that is not the network's to say. */
  mtuOf(network: Pick<Network, 'options'>): number | undefined
  /** Where the container sends what it has no other route for; undefined where the network leads nowhere. */
  gatewayOf(endpoint: Endpoint, family: Family): string | undefined

  /** What the firewall has for the network; undefined where the host passes none of its packets on. */
  firewall(network: Network): FirewallNetwork | undefined
}
