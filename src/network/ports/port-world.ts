import { findPortHolder } from './holder.ts'
import { hasSctp, numbersInUse, type Probe, probePort } from './probe.ts'
import type { Protocol } from './published.ts'

/** The looks into the system that the choice needs; replaced in tests. */
export interface PortWorld {
  readonly probe: Probe
  /** Ports that any socket has, at whatever address. */
  readonly numbersInUse: (protocol: Protocol) => Promise<ReadonlySet<number>>
  readonly findHolder: (protocol: Protocol, port: number) => Promise<string | undefined>
  /** Whether the kernel has SCTP, or a module that it would load. */
  readonly hasSctp: () => boolean
}

/** This machine. */
export const WORLD: PortWorld = { probe: probePort, numbersInUse, findHolder: findPortHolder, hasSctp }

/** From so many ports on, a look at the kernel's lists is cheaper than an attempt at each port that no socket has. */
const MANY = 32

/** The world, looked at once for many ports: what no socket has at any address is free at each that the host has. */
export async function withLists(
  requests: readonly { readonly protocol: Protocol }[],
  world: PortWorld,
): Promise<PortWorld> {
  if (requests.length < MANY) return world
  const inUse = new Map<Protocol, ReadonlySet<number>>()
  for (const { protocol } of requests)
    if (!inUse.has(protocol)) inUse.set(protocol, await world.numbersInUse(protocol))
  const anyPort = new Map<string, ReturnType<Probe>>()
  const probe: Probe = async (protocol, hostIp, port) => {
    if (port === 0 || inUse.get(protocol)?.has(port)) return world.probe(protocol, hostIp, port)
    const key = `${protocol} ${hostIp}`
    const tried = anyPort.get(key) ?? world.probe(protocol, hostIp, 0)
    anyPort.set(key, tried)
    return (await tried).kind === 'noAddress' ? tried : { kind: 'bound', port }
  }
  return { ...world, probe }
}
