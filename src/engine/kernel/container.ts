import type { Drift } from '../../api/types/index.ts'
import { startTimeOf } from '../../linux/process-identity.ts'
import { driverOf, hostOf } from '../../network/index.ts'
import { networkNumberOf } from '../groups/kept-network.ts'
import { networkOwner } from '../groups/namespaces.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { wireDrift } from './network.ts'

/**
 * What the kernel has otherwise than this engine set it up, for a container that should run: its process, and what
 * the drivers of its networks see. A handful of stats.
 */
export function observeContainer(
  engine: Pick<EngineContext, 'containers' | 'native' | 'networks'>,
  container: Container,
): Drift[] {
  if (!container.running) return []
  return [
    ...processDrift(container),
    ...joinedDrift(engine, container),
    ...container.record.endpoints.flatMap(each => linkDrift(engine, each)),
  ]
}

function processDrift(container: Container): Drift[] {
  const status = container.live?.status
  if (status === undefined) return []
  const got = startTimeOf(status.pid)
  if (got === status.pidStartTime) return []
  return [{ Path: 'process', Want: String(status.pid), Got: got === undefined ? 'gone' : 'another process' }]
}

/** Whose network it is to share may have another one since. */
function joinedDrift({ containers }: Pick<EngineContext, 'containers'>, container: Container): Drift[] {
  const { mode } = container.terms.network
  if (mode.kind !== 'container' || containers.find(mode.reference) === undefined) return []
  const owner = networkOwner(containers, container)
  const [want, got] = [networkNumberOf(owner), networkNumberOf(container)]
  if (want === undefined || got === undefined || want === got) return []
  return [{ Path: 'network', Want: `net:[${want}] of ${owner.name}`, Got: `net:[${got}]` }]
}

function linkDrift(
  engine: Pick<EngineContext, 'native' | 'networks'>,
  endpoint: { networkId: string; networkName: string; endpointId: string },
): Drift[] {
  const network = engine.networks.find(endpoint.networkId)
  const path = `endpoint.${endpoint.networkName}`
  if (network === undefined) return [{ Path: `${path}.network`, Want: endpoint.networkId, Got: 'removed' }]
  const found = driverOf(network).observeEndpoint(hostOf(engine.native).links, {
    id: endpoint.endpointId,
    network,
  })
  return found.map(each => wireDrift(each, path))
}
