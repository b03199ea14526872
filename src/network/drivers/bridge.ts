import { setTimeout as sleep } from 'node:timers/promises'
import type { FirewallNetwork } from '../firewall/firewall-state.ts'
import { type Family, parseAddress } from '../ip/address.ts'
import { lies } from '../ip/prefix.ts'
import { familyOfSubnet } from '../ipam/subnets.ts'
import {
  bridgeName,
  bridgeSettings,
  ensureBridge,
  freeIndexOps,
  observeBridge,
  observeLink,
  removeBridgeOps,
} from './bridge-device.ts'
import { bridgeOptions, checkBridgeOptions, unknownBridgeOptions } from './bridge-options.ts'
import type { Drift, Endpoint, Host, Links, Network, NetworkDriver } from './driver.ts'
import { createPair, observePortOptions, reattachPair, removePair, VETH_PREFIX, vethName } from './veth.ts'

/** A bridge on the host with the gateways' addresses; a veth pair leads each container to it, the host routes for them. */
export const BRIDGE: NetworkDriver = {
  name: 'bridge',
  creatable: true,
  hasSubnets: true,

  checkOptions(options, others, links, hasIpv6 = false) {
    const taken = others.filter(({ driver }) => driver === BRIDGE.name).map(bridgeName)
    checkBridgeOptions(options, taken, links, hasIpv6)
  },

  checkMachine: async () => undefined,
  unknownOptions: unknownBridgeOptions,

  hostBinding({ options }) {
    return bridgeOptions(options).hostBinding
  },

  async setup(host, network) {
    if (!BRIDGE.stands(host.links, network)) await makeBridge(host, network)
  },

  teardown: removeBridge,

  stands: (links, network) => links.has(bridgeName(network)),
  observe: observeBridge,
  settings: bridgeSettings,

  async repair(host, network, endpoints) {
    if (!BRIDGE.stands(host.links, network)) await host.native.run({ setup: freeIndexOps(network) })
    await makeBridge(host, network)
    const setup = endpoints.flatMap(reattachPair)
    if (setup.length > 0) await host.native.run({ setup })
  },

  roomOf: () => undefined,
  sharedMac: () => undefined,
  lingers: false,
  attach: createPair,
  detach: removePair,

  observeEndpoint(links, { id, network }) {
    const [link, bridge] = [vethName(id), bridgeName(network)]
    if (!links.has(link)) return [{ path: 'link', want: link, got: 'missing' }]
    const options = bridgeOptions(network.options)
    const strayed = observePort(links, link, bridge)
    return [
      ...strayed,
      ...observeLink(links, 'link', link, options),
      // Those of a bridge that is down do nothing, and those of another are as that one has them.
      ...(strayed.length === 0 && links.isUp(bridge) ? observePortOptions(links, link, options) : []),
    ]
  },
  reattach: reattachPair,
  mtuOf: ({ options }) => bridgeOptions(options).mtu,

  gatewayOf: gatewayOnNetwork,

  firewall: firewallOf,
}

/** The gateway of the subnet that the endpoint has its address in; none on an internal network. */
export function gatewayOnNetwork({ network, addresses }: Endpoint, family: Family): string | undefined {
  if (network.internal) return undefined
  const own = addresses.flatMap(text => parseAddress(text.split('/')[0] ?? '') ?? [])
  return network.subnets.find(
    subnet => familyOfSubnet(subnet) === family && own.some(address => lies(address, subnet.subnet)),
  )?.gateway
}

/** The host is a router first. */
async function makeBridge(host: Host, network: Network): Promise<void> {
  await host.forward({ ipv6: network.subnets.some(subnet => familyOfSubnet(subnet) === 6) })
  await ensureBridge(host.native, network, host.owner)
}

/** Where there is no bridge, that is what has drifted, and no pair can be a port of it. */
function observePort(links: Links, link: string, bridge: string): Drift[] {
  const master = links.masterOf(link)
  if (master === bridge || !links.has(bridge)) return []
  return [{ path: 'bridge', want: bridge, got: master ?? 'none' }]
}

/** How often links that are being removed are looked at, in milliseconds. */
const GONE_POLL = 1

/**
 * Gone is what nobody sees any more. The message that removes it is answered a grace period later, when the kernel has freed it as well: that
 * is waited for by the program alone.
 */
async function removeBridge({ native, links }: Host, network: Network): Promise<void> {
  const bridge = bridgeName(network)
  if (!links.has(bridge)) {
    await native.run({ setup: freeIndexOps(network) })
    return
  }
  const pairs = links.portsOf(bridge).filter(name => name.startsWith(VETH_PREFIX))
  let answered = false
  const removal = native.run({ setup: removeBridgeOps(network, pairs) }).finally(() => {
    answered = true
  })
  const gone = async (): Promise<void> => {
    while (!answered && [bridge, ...pairs].some(name => links.has(name))) await sleep(GONE_POLL)
  }
  await Promise.race([removal, gone()])
}

function firewallOf(network: Network): FirewallNetwork {
  const { id, name, internal, subnets } = network
  const { masquerade } = bridgeOptions(network.options)
  const cidrs = subnets.map(({ subnet }) => subnet)
  return {
    id,
    name,
    link: bridgeName(network),
    internal,
    subnets: cidrs,
    masqueraded: internal || !masquerade ? [] : cidrs,
  }
}
