import { existsSync } from 'node:fs'
import { Failure } from '../../diagnostics/index.ts'
import {
  assignPorts,
  driverOf,
  type HeldPort,
  keepPorts,
  type NetworkAddresses,
  type PortRequest,
  type PublishedPort,
  publishable,
  targetsOf,
} from '../../network/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { reliefsAmong } from '../state/relief.ts'
import { addressOnly } from '../words/addresses.ts'
import { usableAddresses } from './usable-addresses.ts'

/** What the choice of host ports takes of the engine. */
type PortContext = Pick<EngineContext, 'containers' | 'locks' | 'networks'>

/** Decides the host ports, one container at a time, so that two starts never choose the same. */
export async function assignHostPorts(
  engine: PortContext & Pick<EngineContext, 'localNames'>,
  container: Container,
): Promise<void> {
  const isAside = reliefsAmong(engine.containers.values()).isAside(container)
  const requests = isAside ? [] : publishable(container.terms.ports.published, networksOf(engine, container))
  if (requests.length === 0) {
    if (container.record.ports.length > 0) container.decideRun({ ports: [] })
    container.published = []
    return
  }
  const assign = async (): Promise<void> => {
    const ports = await assignPorts(requests, heldPorts(engine, container)).catch(error => {
      throw withEndpoint(error, container)
    })
    container.decideRun({ ports })
    container.published = publishedTargets(engine, container)
  }
  await engine.locks.run('ports', () => engine.localNames.giveWay(requests, assign))
}

/** The ports of a container that runs, for other requests than those `before`: what of `has` it may keep stays, or becomes, its own. */
export async function choosePorts(
  engine: PortContext,
  container: Container,
  requests: readonly PortRequest[],
  {
    has,
    before,
    holder = container,
  }: {
    readonly has: readonly PublishedPort[]
    readonly before: readonly PortRequest[]
    /** Whose they are until now. */
    readonly holder?: Container
  },
): Promise<PublishedPort[]> {
  const { kept, asked } = keepPorts(requests, has, before, existsSync('/proc/net/if_inet6'))
  const own = kept.map(port => ({ ...port, holder: container.name }))
  const chosen = await assignPorts(asked, [...heldPorts(engine, container, holder), ...own]).catch(error => {
    throw withEndpoint(error, container)
  })
  return [...kept, ...chosen]
}

/** What of a container's requests is published, by the networks that it is on. */
export function publishableOf(
  engine: PortContext,
  container: Container,
  published: readonly PortRequest[],
): PortRequest[] {
  return publishable(published, networksOf(engine, container))
}

/** The failure with the endpoint that the port was for among its facts. */
function withEndpoint(error: unknown, { name, record }: Container): unknown {
  if (!(error instanceof Failure)) return error
  const { endpointId = '', addresses = [] } = record.endpoints[0] ?? {}
  const told = { endpoint: name, endpointId, endpointAddress: addressOnly(addresses[0] ?? '') }
  const diagnostics = error.diagnostics.map(each => ({ ...each, facts: { ...each.facts, ...told } }))
  return new Failure(error.kind, diagnostics, error.cause)
}

/** The container's published ports with the addresses that they lead to. */
export function publishedTargets(
  engine: Pick<EngineContext, 'networks'>,
  container: Container,
  ports: readonly PublishedPort[] = container.record.ports,
): Container['published'] {
  const targets = targetsOf(ports, networksOf(engine, container))
  return container.terms.ports.proxied ? targets.map(target => ({ ...target, proxied: true })) : targets
}

/** Whether the host passes nothing on to a container by any of its networks, those left out that are not there yet. */
export function hasNoWayIn(engine: Pick<EngineContext, 'networks'>, container: Container): boolean {
  const { endpoints } = container.record
  const isKnown = endpoints.every(({ networkId }) => engine.networks.find(networkId) !== undefined)
  return isKnown && networksOf(engine, container).every(({ internal }) => internal)
}

function networksOf(engine: Pick<EngineContext, 'networks'>, container: Container): NetworkAddresses[] {
  return container.record.endpoints.map(endpoint => {
    const { networkId } = endpoint
    const network = engine.networks.find(networkId)
    const hostBinding = network && driverOf(network).hostBinding(network)
    return {
      networkId,
      addresses: usableAddresses(container, endpoint).map(addressOnly),
      // Where the host passes nothing on, nobody comes to the container by it.
      internal:
        network !== undefined && (network.internal || driverOf(network).firewall(network) === undefined),
      ...(hostBinding === undefined ? {} : { hostBinding }),
    }
  })
}

function heldPorts(engine: Pick<EngineContext, 'containers'>, ...own: readonly Container[]): HeldPort[] {
  return [...engine.containers.values()]
    .filter(other => !own.includes(other) && other.published.length > 0)
    .flatMap(other => other.record.ports.map(port => ({ ...port, holder: other.name })))
}
