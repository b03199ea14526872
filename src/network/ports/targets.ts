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
 * are left out. What follows each other is one: ten thousand ports are a rule of the firewall, and a line of a program.
 */
export function targetsOf(
  ports: readonly PublishedPort[],
  networks: readonly NetworkAddresses[],
): PublishedTarget[] {
  const outward = networks.filter(({ internal }) => internal !== true)
  const byFamily = { 4: addressIn(outward, 4), 6: addressIn(outward, 6) }
  return joined(ports).flatMap(range => {
    const family = parseAddress(range.hostIp)?.family ?? 4
    const target = byFamily[family] ?? byFamily[family === 4 ? 6 : 4]
    return target ? [{ ...range, ...target }] : []
  })
}

type PortRange = PublishedPort & Pick<PublishedTarget, 'count'>

/** Neighbours become one, and stand where the first of them stood. */
function joined(ports: readonly PublishedPort[]): PortRange[] {
  const ranges: PortRange[] = []
  const lastOf = new Map<string, number>()
  for (const port of ports) {
    const key = `${port.protocol} ${port.hostIp} ${port.hostPort - port.containerPort}`
    const at = lastOf.get(key)
    const before = at === undefined ? undefined : ranges[at]
    if (at !== undefined && before !== undefined && before.hostPort + before.count === port.hostPort)
      ranges[at] = { ...before, count: before.count + 1 }
    else {
      lastOf.set(key, ranges.length)
      ranges.push({ ...port, count: 1 })
    }
  }
  return ranges
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
