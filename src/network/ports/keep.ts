import type { PortRequest } from './assign.ts'
import type { PublishedPort } from './published.ts'

/** What of its ports a container has by other requests, too, and what it has to be given. */
export interface KeptPorts {
  readonly kept: readonly PublishedPort[]
  readonly asked: readonly PortRequest[]
}

/**
 * Which of its ports a container that runs keeps: those of the host that a request may have on all its addresses. One that is left to the
 * kernel, or to be found in a range, keeps the port that leads to the same port of the container.
 */
export function keepPorts(
  requests: readonly PortRequest[],
  has: readonly PublishedPort[],
  hasIPv6: boolean,
): KeptPorts {
  const free = new Map<string, PublishedPort>(
    has.map(port => [keyOf(port, port.hostIp, port.hostPort), port]),
  )
  const numbers = new Map<string, number[]>()
  for (const { protocol, containerPort, hostPort } of has) {
    const key = `${protocol} ${containerPort}`
    numbers.set(key, [...(numbers.get(key) ?? []), hostPort])
  }
  const kept: PublishedPort[] = []
  const asked: PortRequest[] = []
  for (const request of requests) {
    const { protocol, containerPort, hostIps, range } = request
    const candidates =
      range !== undefined && range.from === range.to
        ? [range.from]
        : (numbers.get(`${protocol} ${containerPort}`) ?? []).filter(
            number => range === undefined || (number >= range.from && number <= range.to),
          )
    // A machine without IPv6 has given IPv4 alone.
    const addresses = hasIPv6 || hostIps.length === 1 ? hostIps : hostIps.filter(ip => !ip.includes(':'))
    const isOwn = (hostIp: string, number: number): boolean => free.has(keyOf(request, hostIp, number))
    const hostPort =
      candidates.find(number => addresses.every(ip => isOwn(ip, number))) ??
      candidates.find(number => addresses.some(ip => isOwn(ip, number)))
    if (hostPort === undefined) {
      asked.push(request)
      continue
    }
    const missing = addresses.filter(ip => !isOwn(ip, hostPort))
    if (missing.length > 0)
      asked.push({ ...request, hostIps: missing, range: { from: hostPort, to: hostPort } })
    for (const hostIp of addresses)
      if (free.delete(keyOf(request, hostIp, hostPort)))
        kept.push({ protocol, hostIp, hostPort, containerPort })
  }
  return { kept, asked }
}

function keyOf({ protocol }: Pick<PublishedPort, 'protocol'>, hostIp: string, hostPort: number): string {
  return `${protocol} ${hostIp} ${hostPort}`
}
