import { Failure, failure } from '../../diagnostics/index.ts'
import { ERRNO } from '../../linux/errno.ts'
import { nativeErrorOf, type SetupOp } from '../../native/index.ts'
import {
  createVethPair,
  createVlan,
  deleteLink,
  hostNetlink,
  newLinkOfKind,
  setLinkUp,
} from '../netlink/index.ts'
import { bridgeIndex } from './bridge-device.ts'
import { type Drift, type Host, type Links, linkIndex, type Network } from './driver.ts'
import { vlanOf } from './sub-interface-options.ts'

/** The link that containers of the network hang on: the user's, or one of the network's own. */
export function parentName({ id }: Pick<Network, 'id'>, given: string | undefined): string {
  return given ?? `tsp${id.slice(0, 11)}`
}

/**
 * Whether this kernel has links of a kind, and the parent is there or can be made: nothing is made. NETWORK_UNSUPPORTED,
 * NETWORK_PARENT.
 */
export async function checkParent(host: Host, kind: string, given: string | undefined): Promise<void> {
  await requireKind(host, kind)
  if (given === undefined) return
  const bridge = host.links.masterOf(given)
  if (bridge !== undefined) throw isPort(given, bridge)
  if (host.links.has(given)) return
  const vlan = vlanOf(given)
  if (vlan !== undefined && host.links.has(vlan.base)) return await requireKind(host, 'vlan')
  throw noParent(given)
}

/** The Failure for a parent that is not there. */
export function noParent(parent: string): Failure {
  return failure({
    code: 'NETWORK_PARENT',
    kind: 'invalidArgument',
    summary: `parent "${parent}" of the network is no interface of this machine`,
    facts: { parent },
    hint: '"ip link" lists them; of eth0 an 802.1q sub-interface is made by its name: eth0.10',
  })
}

function isPort(parent: string, bridge: string): Failure {
  return failure({
    code: 'NETWORK_PARENT',
    kind: 'invalidArgument',
    summary: `parent "${parent}" of the network is a port of "${bridge}" and bears no other interfaces`,
    facts: { parent },
    hint: `take "${bridge}" itself`,
  })
}

/** The kernel looks for a kind before it misses the rest of what such a link must have. */
async function requireKind({ native }: Host, kind: string): Promise<void> {
  const ask = hostNetlink(`look for links of kind ${kind}`, newLinkOfKind(kind), [ERRNO.EINVAL])
  try {
    await native.run({ setup: [ask] })
  } catch (error) {
    // Node's name of EOPNOTSUPP.
    if (!(error instanceof Failure) || nativeErrorOf(error)?.errno !== 'ENOTSUP') throw error
    throw failure({
      code: 'NETWORK_UNSUPPORTED',
      kind: 'notImplemented',
      summary: `this kernel has no links of kind ${kind}`,
      facts: { kind },
      hint: `it wants the module ${kind === 'vlan' ? '8021q' : kind} (modprobe ${kind === 'vlan' ? '8021q' : kind}); networks of the driver bridge work without`,
      cause: error,
    })
  }
}

/** Makes what is missing of the parent; one that is the user's stays as it is. */
export async function ensureParent(host: Host, network: Network, given: string | undefined): Promise<void> {
  const name = parentName(network, given)
  if (host.links.has(name)) return
  const vlan = given === undefined ? undefined : vlanOf(given)
  if (given === undefined) await host.native.run({ setup: quietPair(network, name) })
  else if (vlan !== undefined)
    await host.native.run({ setup: subInterface(host.links, network, given, vlan) })
  else await checkParent(host, network.driver, given)
}

/** A link that leads nowhere and is up all the same: what a pair of Docker's kind dummy is, on kernels without that, too. */
function quietPair(network: Network, name: string): SetupOp[] {
  const [index, other] = [bridgeIndex(network), linkIndex(network)]
  const pair = createVethPair({ name, index }, { name: `tsq${network.id.slice(0, 11)}`, index: other })
  return [
    hostNetlink(`create ${name}`, pair, [ERRNO.EEXIST]),
    ...[name, `tsq${network.id.slice(0, 11)}`].map(
      (each): SetupOp => ({
        op: 'write',
        path: `/proc/sys/net/ipv6/conf/${each}/disable_ipv6`,
        bytes: '1',
        ignore: [ERRNO.ENOENT],
      }),
    ),
    hostNetlink(`bring ${name} up`, Buffer.concat([setLinkUp(index), setLinkUp(other)])),
  ]
}

function subInterface(
  links: Links,
  network: Network,
  name: string,
  { base, id }: { readonly base: string; readonly id: number },
): SetupOp[] {
  const index = bridgeIndex(network)
  const link = links.indexOf(base) ?? 0
  return [
    hostNetlink(`create ${name} on ${base}`, createVlan({ name, index, link, id }), [ERRNO.EEXIST]),
    hostNetlink(`bring ${name} up`, setLinkUp(name)),
  ]
}

/** Removes what was made of it, once no other network hangs on it. */
export async function removeParent(
  { native, links }: Host,
  network: Network,
  given: string | undefined,
  others: readonly (string | undefined)[],
): Promise<void> {
  const name = parentName(network, given)
  const isOurs = (links.indexOf(name) ?? 0) >= bridgeIndex({ id: '0'.repeat(64) })
  if (!isOurs || (given !== undefined && (vlanOf(given) === undefined || others.includes(given)))) return
  await native.run({ setup: [hostNetlink(`remove ${name}`, deleteLink(name), [ERRNO.ENODEV])] })
}

/** What is missing of it; whether it is up is the user's to say. */
export function observeParent(links: Links, network: Network, given: string | undefined): Drift[] {
  const name = parentName(network, given)
  return links.has(name) ? [] : [{ path: 'parent', want: name, got: 'missing' }]
}
