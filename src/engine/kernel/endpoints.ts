import type { Drift } from '../../api/types/index.ts'
import { mendInsideOps, observeInside, type WantedInside } from '../../network/index.ts'
import { joinedOf, kernelEndpoints } from '../endpoints/joined.ts'
import { sharersOf } from '../groups/kept-network.ts'
import { networkNamespaceOf } from '../groups/namespaces.ts'
import { capabilityBit, resolveCapabilities } from '../security/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { writeSysctls } from './settings.ts'
import { type ContainerSight, inPlace, type Thing } from './thing.ts'

/** A container's interfaces, on both sides, with addresses and routes. */
export const ENDPOINTS: Thing<ContainerSight> = {
  paths: ['endpoint', 'loopback', 'route'],
  observe({ engine, container, host, inside }) {
    const gone = container.record.endpoints.flatMap(({ networkId, networkName }): Drift[] =>
      engine.networks.find(networkId) === undefined
        ? [{ Path: `endpoint.${networkName}.network`, Want: networkId, Got: 'removed' }]
        : [],
    )
    if (gone.length > 0 || host === undefined || inside === undefined) return gone
    return observeInside(host, inside, wantedInside(engine, container)).map(inPlace)
  },
  async repair(sight) {
    const { engine, container, host, inside } = sight
    if (host === undefined || inside === undefined) return
    const wanted = wantedInside(engine, container)
    await engine.native.run({ setup: mendInsideOps(networkNamespaceOf(container), host, inside, wanted) })
    // An interface that was made anew has the kernel's.
    await writeSysctls(sight, /^net\..*\.conf\./)
  },
}

function wantedInside(engine: EngineContext, container: Container): WantedInside {
  const of = { container: container.name, engineId: engine.paths.engineId }
  return {
    endpoints: kernelEndpoints(joinedOf(engine, container), of),
    isOwnMaster: isOwnMaster(engine, container),
  }
}

/** Whether somebody in a container's network may set it up as he likes. */
export function isOwnMaster(engine: EngineContext, container: Container): boolean {
  return livingIn(engine, container).some(each => setsUpNetworks(engine, each))
}

/** Who lives in a container's network: itself, and those that share it. */
function livingIn({ containers }: EngineContext, container: Container): readonly Container[] {
  return [container, ...(sharersOf(containers).get(container) ?? [])]
}

function setsUpNetworks({ host }: EngineContext, { terms }: Container): boolean {
  return (resolveCapabilities(terms.security, host.capabilities) & capabilityBit('NET_ADMIN')) !== 0n
}
