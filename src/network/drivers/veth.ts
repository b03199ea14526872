import { ERRNO } from '../../linux/errno.ts'
import { CONTAINER_NETNS_FD, type NetlinkOp } from '../../native/index.ts'
import {
  type BridgePort,
  createVethPair,
  deleteLink,
  hostNetlink,
  setBridgePort,
  setLinkAlias,
  setLinkMaster,
  setLinkMtu,
  setLinkUp,
} from '../netlink/index.ts'
import { bridgeIndex, bridgeName } from './bridge-device.ts'
import { type BridgeOptions, bridgeOptions } from './bridge-options.ts'
import { type Drift, type Endpoint, type Links, linkIndex } from './driver.ts'

/** Name of the outside end: `tv` and the first 11 hex digits of the endpoint's id. */
export function vethName(endpointId: string): string {
  return `${VETH_PREFIX}${endpointId.slice(0, 11)}`
}

/** What the names of all outside ends begin with. */
export const VETH_PREFIX = 'tv'

/** The pair, its outside end up and a port of the bridge, the other in the container with this index, down. */
export function createPair(endpoint: Endpoint, index: number): NetlinkOp[] {
  const { network, interfaceName, macAddress } = endpoint
  const name = vethName(endpoint.id)
  const { mtu, icc } = bridgeOptions(network.options)
  const pair = createVethPair(
    { name, index: linkIndex(endpoint), mtu, master: bridgeIndex(network) },
    { name: interfaceName, index, mtu, macAddress, netnsFd: CONTAINER_NETNS_FD },
  )
  const connect = hostNetlink(
    `connect ${interfaceName} to bridge ${bridgeName(network)}`,
    Buffer.concat([pair, ...aliasOf(endpoint)]),
  )
  return [
    { ...connect, stale: deleteLink(name) },
    ...(icc ? [] : [hostNetlink(`isolate ${name}`, setBridgePort(name, { isolated: 1 }))]),
  ]
}

/** `ip link` reads in the outside end's alias where it leads, as in a bridge's. */
function aliasOf(endpoint: Endpoint): Buffer[] {
  const { of, network } = endpoint
  if (of === undefined) return []
  const alias = `tscompose network=${network.name} container=${of.container} engine=${of.engineId}`
  return setLinkAlias(linkIndex(endpoint), alias)
}

/** How a port is set: as the kernel sets a new one, isolated where containers are not to talk to each other. */
function portOptions(icc: boolean): BridgePort {
  return { learning: 1, unicast_flood: 1, multicast_flood: 1, broadcast_flood: 1, isolated: icc ? 0 : 1 }
}

/** What of a port's settings is otherwise; what the kernel does not tell of is none of it. */
export function observePortOptions(links: Links, link: string, { icc }: BridgeOptions): Drift[] {
  const got = links.portOf(link) ?? {}
  const wanted = portOptions(icc)
  return (Object.keys(wanted) as (keyof BridgePort)[]).flatMap(name => {
    const [want, has] = [wanted[name], got[name]]
    if (has === undefined || has === want) return []
    return [{ path: `link.port.${name}`, want: String(want), got: String(has) }]
  })
}

/** Makes the outside end of a pair that is there a port of its bridge again; fine where there is none. */
export function reattachPair(endpoint: Pick<Endpoint, 'id' | 'network'>): NetlinkOp[] {
  const { network } = endpoint
  const [index, name] = [linkIndex(endpoint), vethName(endpoint.id)]
  const { mtu, icc } = bridgeOptions(network.options)
  return [
    hostNetlink(
      `make ${name} a port of bridge ${bridgeName(network)}`,
      Buffer.concat([setLinkMtu(index, mtu), setLinkMaster(index, bridgeIndex(network)), setLinkUp(index)]),
      [ERRNO.ENODEV],
    ),
    hostNetlink(`set port ${name}`, setBridgePort(name, portOptions(icc)), [ERRNO.ENODEV, ERRNO.EOPNOTSUPP]),
  ]
}

/** Removes the pair by its outside end; fine when it is gone already. */
export function removePair(endpoint: Pick<Endpoint, 'id'>): NetlinkOp[] {
  const name = vethName(endpoint.id)
  return [hostNetlink(`remove ${name}`, deleteLink(name), [ERRNO.ENODEV])]
}
