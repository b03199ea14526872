import type { PortMap, PortSummary } from '../../api/types/index.ts'
import type { Diagnostic } from '../../diagnostics/index.ts'
import { type HeldPort, refusedPorts, WORLD } from '../../network/index.ts'
import { portsTerm } from '../terms/ports.ts'

/** What is known of the host's ports before anything is started. */
export interface HostPorts {
  /** Those of containers that go on running. */
  readonly held: readonly { readonly holder: string; readonly ports: readonly PortSummary[] }[]
  /** Numbers of ports whose containers will have ended by then: who has them now counts for nothing. */
  readonly freed: ReadonlySet<number>
  /** Whether the engine is on this machine, so that ports of other programs can be looked for. */
  readonly isHere: boolean
}

/**
 * What the start of a container with these bindings will be refused for, each published port by itself. Ports that the engine
 * picks, and what is no port, are left to others. Codes: PORT_IN_USE, HOST_ADDRESS_UNAVAILABLE.
 */
export async function tryPorts(
  bindings: PortMap,
  { held, freed, isHere }: HostPorts,
): Promise<readonly Diagnostic[]> {
  const taken = held.flatMap(({ holder, ports }) => ports.flatMap(port => heldPort(holder, port)))
  const { published } = portsTerm.read({ PortBindings: bindings })
  const refused = await refusedPorts(
    published.filter(({ range }) => range !== undefined),
    taken,
    {
      ...WORLD,
      probe: async (protocol, hostIp, port) =>
        isHere && !freed.has(port) ? WORLD.probe(protocol, hostIp, port) : { kind: 'bound', port },
    },
  )
  return refused.flatMap(({ diagnostics }) =>
    diagnostics.map(each => ({ path: 'HostConfig.PortBindings', ...each })),
  )
}

/** A list's row: its address is the one that is bound; without one the port is no port of the host. */
function heldPort(holder: string, { IP, PrivatePort, PublicPort, Type }: PortSummary): HeldPort[] {
  if (IP === undefined || PublicPort === undefined) return []
  return [{ holder, protocol: Type, hostIp: IP, hostPort: PublicPort, containerPort: PrivatePort }]
}
