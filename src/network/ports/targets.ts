import { type Family, parseAddress } from '../ip/address.ts'
import type { PublishedPort, PublishedTarget } from './published.ts'

/** Addresses of a container in one of its networks, with or without prefix length. */
export interface NetworkAddresses {
  readonly networkId: string
  readonly addresses: readonly string[]
  /** Reached last: packets from outside have no way back from there, the relay alone can serve them. */
  readonly internal?: boolean
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
  const ordered = [...networks].sort((a, b) => Number(a.internal ?? false) - Number(b.internal ?? false))
  return ports.flatMap(port => {
    const family = parseAddress(port.hostIp)?.family ?? 4
    const target = addressIn(ordered, family) ?? addressIn(ordered, family === 4 ? 6 : 4)
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
