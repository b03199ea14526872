import { driverOf, ensureForwarding, hostOf, isForwarding } from '../../network/index.ts'
import { joinedOf, kernelEndpoints } from '../endpoints/joined.ts'
import { clashesOf } from '../networks/standing.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { inPlace, type NetworkSight, type Thing } from './thing.ts'

/** What stands on the host for a network: a bridge with its addresses, a parent. */
export const NETWORK: Thing<NetworkSight> = {
  paths: ['bridge', 'parent'],
  observe({ network, host }) {
    return host && driverOf(network).observe(host, network).map(inPlace)
  },
  async repair({ engine, network }) {
    const on = [...engine.containers.values()]
      .filter(container => container.active)
      .flatMap(container => kernelEndpoints(container, joinedOf(engine, container)))
      .filter(endpoint => endpoint.network.id === network.id)
    await driverOf(network).repair(hostOf(engine.native, engine.paths), network, on)
  },
}

/** The host as a router, for a network that leads outside. */
export const FORWARDING: Thing<NetworkSight> = {
  paths: ['forwarding'],
  observe({ network }) {
    if (network.internal || driverOf(network).firewall(network) === undefined) return []
    return isForwarding(familiesOf(network))
      ? []
      : [inPlace({ path: 'forwarding', want: 'on', got: 'off on this machine' })]
  },
  repair: ({ network }) => ensureForwarding(familiesOf(network)),
}

function familiesOf({ enableIPv6 }: NetworkRecord): { readonly ipv6: boolean } {
  return { ipv6: enableIPv6 }
}

/** Subnets that were chosen for a network, and lead elsewhere on the host since: other addresses take another network. */
export const SUBNETS: Thing<NetworkSight> = {
  paths: ['subnet'],
  observe({ network }) {
    return clashesOf(network, chosenSubnets(network)).map(({ subnet, route, link }) => ({
      Path: 'subnet',
      Want: subnet,
      Got: link === '' ? `${route} leads nowhere` : `${route} leads to ${link}`,
    }))
  },
}

/** What the user gave stays as it is. */
function chosenSubnets({ ipam, subnets }: NetworkRecord): NetworkRecord['subnets'] {
  const given = (ipam.Config ?? []).flatMap(({ Subnet }) => Subnet ?? [])
  return subnets.filter(({ subnet }) => !given.includes(subnet))
}
