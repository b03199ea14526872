import { networkNumberOf } from '../groups/kept-network.ts'
import { findNetworkOwner } from '../groups/namespaces.ts'
import type { ContainerSight, Thing } from './thing.ts'

/** The network namespace of a container that shares another's: whose it is may have another one since. */
export const JOINED_NETWORK: Thing<ContainerSight> = {
  paths: ['network'],
  isGround: true,
  observe({ engine: { containers }, container }) {
    const { mode } = container.terms.network
    const owner = mode.kind === 'container' ? findNetworkOwner(containers, container) : undefined
    if (owner === undefined) return []
    const [want, got] = [networkNumberOf(owner), networkNumberOf(container)]
    if (want === undefined || got === undefined || want === got) return []
    return [{ Path: 'network', Want: `net:[${want}] of ${owner.name}`, Got: `net:[${got}]` }]
  },
}
