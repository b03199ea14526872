import { ERRNO } from '../../linux/errno.ts'
import { CONTAINER_NETNS_FD, type NetlinkOp } from '../../native/index.ts'
import {
  createVethPair,
  deleteLink,
  hostNetlink,
  isolatePort,
  setLinkAlias,
  setLinkMaster,
  setLinkMtu,
  setLinkUp,
} from '../netlink/index.ts'
import { bridgeIndex, bridgeName } from './bridge-device.ts'
import { bridgeOptions } from './bridge-options.ts'
import { type Endpoint, linkIndex } from './driver.ts'

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
  return [
    hostNetlink(`remove a ${name} of before`, deleteLink(name), [ERRNO.ENODEV]),
    hostNetlink(
      `connect ${interfaceName} to bridge ${bridgeName(network)}`,
      Buffer.concat([pair, ...aliasOf(endpoint)]),
    ),
    ...(icc ? [] : [hostNetlink(`isolate ${name}`, isolatePort(name))]),
  ]
}

/** `ip link` reads in the outside end's alias where it leads, as in a bridge's. */
function aliasOf(endpoint: Endpoint): Buffer[] {
  const { of, network } = endpoint
  if (of === undefined) return []
  const alias = `tscompose network=${network.name} container=${of.container} engine=${of.engineId}`
  return setLinkAlias(linkIndex(endpoint), alias)
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
    ...(icc ? [] : [hostNetlink(`isolate ${name}`, isolatePort(name), [ERRNO.ENODEV])]),
  ]
}

/** Removes the pair by its outside end; fine when it is gone already. */
export function removePair(endpoint: Pick<Endpoint, 'id'>): NetlinkOp[] {
  const name = vethName(endpoint.id)
  return [hostNetlink(`remove ${name}`, deleteLink(name), [ERRNO.ENODEV])]
}
