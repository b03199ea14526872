import { byName, networkNamed } from '../observed/find.ts'
import type { ObservedContainer, ObservedNetwork } from '../observed/observed.ts'
import type { Containers } from './containers.ts'
import type { Down } from './context.ts'

/**
 * Networks of the project, also those that the file no longer has; one that is in use elsewhere is only warned of. Each
 * goes when the last of its containers has stopped: taking a bridge apart takes the kernel longer than all the rest.
 */
export function removeNetworks({ project, observed, builder }: Down, containers: Containers): void {
  const external = new Set(
    Object.values(project.model.networks ?? {}).flatMap(network =>
      network.external === true ? [network.name] : [],
    ),
  )
  const own = observed.networks.filter(
    network => network.project === project.name && !external.has(network.name),
  )
  for (const network of [...own].sort(byName)) {
    const isSame = networkNamed(observed, network.name) === network
    const after = observed.containers
      .filter(container => isAttached(container, network))
      .flatMap(({ id }) => containers.get(id)?.stopped ?? [])
    builder.add({
      type: 'removeNetwork',
      id: isSame
        ? `network:${network.name}:remove`
        : `network:${network.name}:remove:${network.id.slice(0, 12)}`,
      after,
      resource: { kind: 'network', name: network.name },
      action: 'remove',
      cause: 'down',
      changes: [],
      bestEffort: true,
      networkId: network.id,
    })
  }
}

function isAttached({ networks }: ObservedContainer, { id, name }: ObservedNetwork): boolean {
  return networks.some(attachment => (attachment.id === '' ? attachment.name === name : attachment.id === id))
}
