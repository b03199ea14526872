import { Failure, failure } from '../../diagnostics/index.ts'
import { ERRNO } from '../../linux/errno.ts'
import type { Native, SetupOp, WriteOp } from '../../native/index.ts'
import { canonicalAddress, parseAddress } from '../ip/address.ts'
import { stableMac } from '../ip/mac-address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import { familyOfSubnet, type Subnet } from '../ipam/subnets.ts'
import {
  addAddress,
  createBridge,
  deleteLink,
  deleteLinks,
  hostNetlink,
  setLinkAlias,
  setLinkGroup,
  setLinkMtu,
  setLinkUp,
} from '../netlink/index.ts'
import { bridgeOptions } from './bridge-options.ts'
import type { Drift, Links, Network, Owner } from './driver.ts'

/** The bridge's interface name: the user's, or `tsc-` and the first 11 hex digits of the network's id. */
export function bridgeName(network: Pick<Network, 'id' | 'options'>): string {
  return bridgeOptions(network.options).bridgeName ?? `tsc-${network.id.slice(0, 11)}`
}

/**
 * The bridge's interface index. We choose it, so that veth pairs can be enslaved by messages that are compiled before
 * anybody has looked at the kernel. 28 bits of the network's id above all indexes that the kernel counts up to.
 */
export function bridgeIndex(network: Pick<Network, 'id'>): number {
  return 0x1000_0000 + Number.parseInt(network.id.slice(0, 7), 16)
}

/**
 * Operations (stage `setup`, host's network namespace) after which the bridge exists, has its gateway addresses and is
 * up, whatever was there before. For `native.run`.
 */
export function ensureBridgeOps(network: Network, owner?: Owner): SetupOp[] {
  const name = bridgeName(network)
  const index = bridgeIndex(network)
  const { mtu } = bridgeOptions(network.options)
  const create = createBridge({ name, index, macAddress: bridgeMac(network.id) })
  return [
    hostNetlink(`create bridge ${name}`, create, [ERRNO.EEXIST]),
    // Only one that is changed stays: with one from its birth the kernel gives a bridge that of its ports, and 1500 once it has none.
    // Before what is written of IPv6, which comes with the first MTU that is large enough.
    hostNetlink(`give bridge ${name} its MTU`, setLinkMtu(index, mtu)),
    ...bridgeSysctls(name, network.subnets),
    ...network.subnets.map(subnet =>
      hostNetlink(`give bridge ${name} the address ${subnet.gateway}`, gatewayAddress(index, subnet), [
        ERRNO.EEXIST,
      ]),
    ),
    hostNetlink(`bring bridge ${name} up`, setLinkUp(index)),
    ...aliasOps(name, network, owner),
  ]
}

/**
 * Operations that remove the bridge, and with it `pairs`, outside ends of containers that have ended; fine when they are gone already. As one
 * group they cost the kernel one wait for its readers, and go whatever still holds a namespace that a pair leads to: it would take them
 * along in its own time, and for as long as a connection has words for somebody that is not at all.
 */
export function removeBridgeOps(
  network: Pick<Network, 'id' | 'options'>,
  pairs: readonly string[] = [],
): SetupOp[] {
  const name = bridgeName(network)
  const group = bridgeIndex(network)
  const removal =
    pairs.length === 0
      ? deleteLink(name)
      : Buffer.concat([...[name, ...pairs].map(each => setLinkGroup(each, group)), deleteLinks(group)])
  return [hostNetlink(`remove bridge ${name}`, removal, [ERRNO.ENODEV])]
}

/** What of the bridge is otherwise; addresses that others have given it besides are theirs. */
export function observeBridge(links: Links, network: Network): Drift[] {
  const name = bridgeName(network)
  if (!links.has(name)) return [{ path: 'bridge', want: name, got: 'missing' }]
  if (links.indexOf(name) !== bridgeIndex(network))
    return [{ path: 'bridge', want: name, got: 'another one' }]
  const have = links.addressesOf(name)
  const lost = network.subnets
    .map(gatewayText)
    .filter(each => have?.includes(each) === false)
    // One that is down has none of IPv6.
    .filter(each => links.isUp(name) || !each.includes(':'))
  return [
    ...observeLink(links, 'bridge', name, bridgeOptions(network.options)),
    ...lost.map(want => ({ path: 'bridge.address', want, got: 'missing' })),
  ]
}

/** Whether a link that is there is up, and its MTU. */
export function observeLink(
  links: Links,
  path: string,
  name: string,
  { mtu }: { readonly mtu: number },
): Drift[] {
  const got = links.mtuOf(name)
  return [
    ...(links.isUp(name) ? [] : [{ path: `${path}.state`, want: 'up', got: 'down' }]),
    ...(got === mtu ? [] : [{ path: `${path}.mtu`, want: String(mtu), got: String(got) }]),
  ]
}

/** Operations after which nothing has the bridge's index: what has it without its name is the bridge, and somebody has called it otherwise. */
export function freeIndexOps(network: Pick<Network, 'id'>): SetupOp[] {
  return [hostNetlink('remove the bridge of another name', deleteLink(bridgeIndex(network)), [ERRNO.ENODEV])]
}

/**
 * Runs `ensureBridgeOps`. When a bridge of our name was made by somebody else (another index: our messages would miss
 * it), it is removed and made again; a bridge that has a name of the user's is never removed.
 */
export async function ensureBridge(
  native: Pick<Native, 'run'>,
  network: Network,
  owner?: Owner,
): Promise<void> {
  const setup = ensureBridgeOps(network, owner)
  try {
    await native.run({ setup })
  } catch (error) {
    if (!(error instanceof Failure) || bridgeOptions(network.options).bridgeName !== undefined) throw error
    await native.run({ setup: [...removeBridgeOps(network), ...setup] })
  }
}

/** `ip link` and `tscompose doctor --clean` read in a bridge's alias whose it is. */
function aliasOps(name: string, network: Pick<Network, 'name'>, owner: Owner | undefined): SetupOp[] {
  if (owner === undefined) return []
  const alias = `tscompose network=${network.name} engine=${owner.engineId} root=${owner.root}`
  return setLinkAlias(name, alias).map(bytes => hostNetlink(`say whose bridge ${name} is`, bytes))
}

/**
 * A bridge without a MAC of its own takes the lowest of its ports, and changes it as containers come and go, which
 * leaves wrong neighbour entries behind.
 */
function bridgeMac(networkId: string): string {
  return stableMac(`bridge ${networkId}`)
}

/** What must be so for a bridge to do its work; a new one forwards as the host does. */
export function bridgeSettings(network: Network): Record<string, string> {
  const conf = (family: 4 | 6, key: string): string => `net/ipv${family}/conf/${bridgeName(network)}/${key}`
  const ipv6 = hasIpv6(network.subnets)
  return {
    [conf(6, 'accept_ra')]: '0',
    [conf(6, 'disable_ipv6')]: ipv6 ? '0' : '1',
    ...(network.internal
      ? {}
      : { [conf(4, 'forwarding')]: '1', ...(ipv6 ? { [conf(6, 'forwarding')]: '1' } : {}) }),
  }
}

function hasIpv6(subnets: readonly Subnet[]): boolean {
  return subnets.some(subnet => familyOfSubnet(subnet) === 6)
}

/** No router advertisement is taken from a container, and a bridge without IPv6 subnet has no IPv6 at all. */
function bridgeSysctls(name: string, subnets: readonly Subnet[]): WriteOp[] {
  const ipv6 = hasIpv6(subnets)
  const write = (key: string, value: string): WriteOp => ({
    op: 'write',
    path: `/proc/sys/net/ipv6/conf/${name}/${key}`,
    bytes: value,
    ignore: [ERRNO.ENOENT],
  })
  return [write('accept_ra', '0'), write('disable_ipv6', ipv6 ? '0' : '1')]
}

/** As the kernel tells of it. */
function gatewayText({ subnet, gateway }: Subnet): string {
  return `${canonicalAddress(gateway)}/${parsePrefix(subnet)?.length}`
}

function gatewayAddress(index: number, subnet: Subnet): Buffer {
  const prefix = parsePrefix(subnet.subnet)
  const gateway = parseAddress(subnet.gateway)
  if (!prefix || !gateway)
    throw failure({
      code: 'SUBNET_INVALID',
      kind: 'internal',
      summary: `Can't use subnet "${subnet.subnet}" with gateway "${subnet.gateway}"`,
    })
  return addAddress(index, gateway, prefix.length)
}
