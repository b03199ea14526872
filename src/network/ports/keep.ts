import type { PortRequest } from './assign.ts'
import type { PublishedPort } from './published.ts'

/** What of its ports a container has by other requests, too, and what it has to be given. */
export interface KeptPorts {
  readonly kept: readonly PublishedPort[]
  readonly asked: readonly PortRequest[]
}

/**
 * What of its ports a container must give up before it can have others: those whose number a request names at other addresses, as two sockets
 * of one container are in each other's way as those of two are.
 */
export function contestedPorts(
  requests: readonly PortRequest[],
  has: readonly PublishedPort[],
): ReadonlySet<PublishedPort> {
  const wanted = new Map<string, Set<string>>()
  for (const { protocol, hostIps, range } of requests)
    if (range !== undefined && range.from === range.to) {
      const key = `${protocol} ${range.from}`
      wanted.set(key, new Set([...(wanted.get(key) ?? []), ...hostIps]))
    }
  const had = new Map<string, PublishedPort[]>()
  for (const port of has) {
    const key = `${port.protocol} ${port.hostPort}`
    had.set(key, [...(had.get(key) ?? []), port])
  }
  return new Set(
    [...had].flatMap(([key, ports]) => {
      const addresses = wanted.get(key)
      const isSame = addresses?.size === ports.length && ports.every(({ hostIp }) => addresses.has(hostIp))
      return addresses === undefined || isSame ? [] : ports
    }),
  )
}

/**
 * Which of its ports a container that runs keeps: those of the host that a request may have on all its addresses. One that is to be found in a
 * range keeps the port that leads to the same port of the container, and so does one that is left to the kernel, if it was before: what was
 * named by `before` and is no more is to go.
 */
export function keepPorts(
  requests: readonly PortRequest[],
  has: readonly PublishedPort[],
  before: readonly PortRequest[],
  hasIPv6: boolean,
): KeptPorts {
  const wasNamed = (protocol: string, number: number): boolean =>
    before.some(
      ({ protocol: of, range }) =>
        of === protocol && range !== undefined && number >= range.from && number <= range.to,
    )
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
        : (numbers.get(`${protocol} ${containerPort}`) ?? []).filter(number =>
            range === undefined ? !wasNamed(protocol, number) : number >= range.from && number <= range.to,
          )
    const isOwn = (hostIp: string, number: number): boolean => free.has(keyOf(request, hostIp, number))
    // A machine without IPv6 has given IPv4 alone.
    const isHad = (number: number): boolean =>
      hostIps.every(ip => isOwn(ip, number)) ||
      (hostIps.length > 1 && !hasIPv6 && hostIps.some(ip => isOwn(ip, number)))
    const hostPort = candidates.find(isHad)
    if (hostPort === undefined) asked.push(request)
    else
      for (const hostIp of hostIps)
        if (free.delete(keyOf(request, hostIp, hostPort)))
          kept.push({ protocol, hostIp, hostPort, containerPort })
  }
  return { kept, asked }
}

function keyOf({ protocol }: Pick<PublishedPort, 'protocol'>, hostIp: string, hostPort: number): string {
  return `${protocol} ${hostIp} ${hostPort}`
}
