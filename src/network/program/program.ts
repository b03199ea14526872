import { existsSync } from 'node:fs'
import { ERRNO } from '../../linux/errno.ts'
import type { PublishOp, RelayOp, SetupOp, SysctlWrite } from '../../native/index.ts'
import type { Endpoint } from '../drivers/driver.ts'
import { type EgressPolicy, egressOp } from '../firewall/egress.ts'
import { EGRESS_TABLE, RELAY_MARK } from '../firewall/egress-names.ts'
import { familyOfSubnet } from '../ipam/index.ts'
import { namesFolder } from '../names/names.ts'
import { RESOLVER_PORT, resolverPortOp } from '../names/resolver-port.ts'
import type { PublishedTarget } from '../ports/published.ts'
import { endpointOps } from './endpoints.ts'
import { type NamespaceContent, rejoinOps } from './rejoin.ts'

/** What a container's own program takes from the network side. */
export interface ContainerNetwork {
  readonly run: string
  /** The primary network first. */
  readonly endpoints: readonly Endpoint[]
  /** Ids of the names files that answer in the container, most important first; where not set, its networks'. */
  readonly names?: readonly string[]
  readonly published: readonly PublishedTarget[]
  /** Hold the container to its own addresses (`anti-spoof.ts`). */
  readonly guarded: boolean
  /** Answer names at 127.0.0.11 (user-defined networks). */
  readonly dns: boolean
  /** As `upstreamServers` gives them. */
  readonly upstreams: readonly string[]
  /** The servers are the container's own (`dns:`), and asked from within its network. */
  readonly askInside: boolean
  /** The file that they are of, where they are the host's: it is followed. */
  readonly resolvConf?: string
  /** Where it may go outside of its networks; absent: everywhere. */
  readonly egress?: EgressPolicy
  /** What the relay is confined to. */
  readonly relay: RelayConfinement
  /** What is in the namespace already, where it is none that is new. */
  readonly kept?: NamespaceContent
  /** Whether this kernel has IPv6; looked up when absent. */
  readonly ipv6?: boolean
}

/** The user that a relay is, and the system calls it may make: see `RelayOp`. */
export type RelayConfinement = Pick<RelayOp, 'uid' | 'uidCount' | 'filter'>

/** Operations for a container with a network namespace of its own, and sysctls to be set inside it. */
export interface NetworkOps {
  readonly setup: SetupOp[]
  readonly supervise: (RelayOp | PublishOp)[]
  /** Slashed keys, so that interface names may have dots. */
  readonly sysctls: readonly SysctlWrite[]
}

/**
 * Everything at once. Its names folders must exist when the monitor starts (`makeNamesFolder`). SCTP has no listener: it is
 * published by the firewall's DNAT alone.
 */
export function networkProgram(network: ContainerNetwork): NetworkOps {
  const publish = publishOps(network.published)
  const relay = network.dns || publish.length > 0 ? [relayOp(network)] : []
  return {
    setup: [
      ...interfaces(network),
      ...egressOp(network.egress, network.kept !== undefined),
      ...(network.dns ? [resolverPortOp(network.kept !== undefined)] : []),
    ],
    supervise: [...relay, ...publish],
    sysctls: interfaceSysctls(network.endpoints, network.ipv6),
  }
}

/** What is written of a container's interfaces inside of it; those that were asked for come last: they may say otherwise. */
export function interfaceSysctls(
  endpoints: readonly Endpoint[],
  ipv6: boolean = hasKernelIPv6(),
): SysctlWrite[] {
  const given = endpoints.flatMap(({ sysctls = {} }) => Object.entries(sysctls))
  return [
    ...(ipv6 ? endpoints.flatMap(endpointSysctls) : []),
    ...given.map(([key, value]) => ({ key, value })),
  ]
}

let isIPv6There = false

/** A kernel that has it keeps it, and finds the folder the later the more network namespaces there are. */
function hasKernelIPv6(): boolean {
  isIPv6There ||= existsSync('/proc/sys/net/ipv6')
  return isIPv6There
}

function interfaces({ kept, endpoints, guarded }: ContainerNetwork): SetupOp[] {
  return kept === undefined ? endpointOps(endpoints, guarded) : rejoinOps(kept, endpoints, guarded)
}

function relayOp(network: ContainerNetwork): RelayOp {
  return {
    op: 'relay',
    dnsPort: network.dns ? RESOLVER_PORT : 0,
    names: network.dns ? namesFilesOf(network).map(id => namesFolder(network.run, id)) : [],
    upstreams: network.dns ? network.upstreams : [],
    internal: network.endpoints.every(endpoint => endpoint.network.internal),
    askInside: network.dns && network.askInside && network.upstreams.length > 0,
    ...(network.dns && network.resolvConf !== undefined ? { resolvConf: network.resolvConf } : {}),
    ...(network.egress === undefined ? {} : { egressTable: EGRESS_TABLE, mark: RELAY_MARK }),
    ...network.relay,
  }
}

function namesFilesOf({ names, endpoints }: ContainerNetwork): readonly string[] {
  return names ?? endpoints.map(endpoint => endpoint.network.id)
}

/** What is published in both families and leads to the same place has one listener a port for both. */
export function publishOps(published: readonly PublishedTarget[]): PublishOp[] {
  const listened = published.filter(port => port.protocol !== 'sctp')
  const keysAt = (ip: string): Set<string> =>
    new Set(listened.filter(({ hostIp }) => hostIp === ip).map(listenerKey))
  const [four, six] = [keysAt('0.0.0.0'), keysAt('::')]
  const inBoth = new Set([...four].filter(key => six.has(key)))
  return listened
    .filter(port => port.hostIp !== '0.0.0.0' || !inBoth.has(listenerKey(port)))
    .map(port => ({
      op: 'publish',
      protocol: port.protocol,
      hostIp: port.hostIp,
      hostPort: port.hostPort,
      targetIp: port.targetIp,
      targetPort: port.containerPort,
      count: port.count,
      both: port.hostIp === '::' && inBoth.has(listenerKey(port)),
    }))
}

function listenerKey(port: PublishedTarget): string {
  const { protocol, hostPort, targetIp, containerPort, count } = port
  return [protocol, hostPort, targetIp, containerPort, count].join(' ')
}

/**
 * No router advertisements; no IPv6 on an interface whose network has none (CVE-2024-32473). Below 1280 bytes the kernel takes IPv6 off an
 * interface, and its folder with it: there is nothing to be kept off then.
 */
function endpointSysctls({ interfaceName, network, ...endpoint }: Endpoint): SysctlWrite[] {
  const ipv6 = endpoint.ipv6 ?? network.subnets.some(subnet => familyOfSubnet(subnet) === 6)
  const write = (key: string, value: string): SysctlWrite => ({
    key: `net/ipv6/conf/${interfaceName}/${key}`,
    value,
    ignore: [ERRNO.ENOENT],
  })
  return [write('accept_ra', '0'), write('disable_ipv6', ipv6 ? '0' : '1')]
}
