import { type Family, parseAddress } from '../ip/address.ts'
import type { PortRequest } from './assign.ts'
import type { PublishedPort, PublishedTarget } from './published.ts'

/** Addresses of a container in one of its networks, with or without prefix length. */
export interface NetworkAddresses {
  readonly networkId: string
  readonly addresses: readonly string[]
  /** Nothing is published there: nobody from outside of such a network reaches it. */
  readonly internal?: boolean
  /** Where ports are published that name no address of the host. */
  readonly hostBinding?: string
}

/**
 * What of the requests is published at all, as by Docker: nothing where all networks are internal, and at addresses of
 * IPv4 only where the container has one. IPv6 of the host leads to either family.
 */
export function publishable(
  requests: readonly PortRequest[],
  networks: readonly NetworkAddresses[],
): PortRequest[] {
  const outward = networks.filter(({ internal }) => internal !== true)
  const way = addressIn(outward, 4)
  if (!way && addressIn(outward, 6) === undefined) return []
  const binding = outward.find(({ networkId }) => networkId === way?.networkId)?.hostBinding
  return requests.flatMap(request => {
    // Both families stand for a port that names no address.
    if (request.hostIps.length > 1 && binding !== undefined) return [{ ...request, hostIps: [binding] }]
    const hostIps = request.hostIps.filter(ip => way !== undefined || parseAddress(ip)?.family === 6)
    return hostIps.length === 0 ? [] : [{ ...request, hostIps }]
  })
}

/**
 * The ports with the container's addresses that they lead to: the first network (primary first) that has one in the
 * family of the host address, else in the other family. Ports of a container without any address lead nowhere and
 * are left out.
 */
export function targetsOf(
  ports: readonly PublishedPort[],
  networks: readonly NetworkAddresses[],
): PublishedTarget[] {
  const outward = networks.filter(({ internal }) => internal !== true)
  return ports.flatMap(port => {
    const family = parseAddress(port.hostIp)?.family ?? 4
    const target = addressIn(outward, family) ?? addressIn(outward, family === 4 ? 6 : 4)
    return target ? [{ ...port, ...target }] : []
  })
}

function addressIn(
  networks: readonly NetworkAddresses[],
  family: Family,
): Pick<PublishedTarget, 'targetIp' | 'networkId'> | undefined {
  for (const { networkId, addresses } of networks)
    for (const text of addresses) {
      const targetIp = text.replace(/\/.*/, '')
      if (parseAddress(targetIp)?.family === family && !targetIp.startsWith('fe80:'))
        return { targetIp, networkId }
    }
  return undefined
}
