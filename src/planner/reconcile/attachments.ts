import type { Service } from '../../model/index.ts'
import { replicasOf } from '../observed/find.ts'
import type { Attachment } from '../plan/operation.ts'
import type { SelectedService } from '../project/service-set.ts'
import { compareText } from '../spec/canonical.ts'
import type { Context } from './context.ts'
import type { NetworkDecision } from './networks.ts'
import type { ServiceFate } from './replica.ts'

/** The networks of a container of the service in the order of attachment: by priority, the highest first, then by key. */
export function attachmentsOf(
  context: Context,
  { name, service }: Pick<SelectedService, 'name' | 'service'>,
  containerName: string,
  networks: ReadonlyMap<string, NetworkDecision>,
  fates: ReadonlyMap<string, ServiceFate>,
): Attachment[] {
  if (service.network_mode !== undefined) return []
  const links = linksOf(context, service, fates)
  return networkKeys(service).flatMap(key => {
    const network = networks.get(key)
    if (network === undefined) return []
    const aliases = [...new Set([containerName, name, ...(service.networks?.[key]?.aliases ?? [])])]
    return [{ key, network: network.name, aliases, links }]
  })
}

/** Keys of the service's networks, the primary one first. */
export function networkKeys(service: Service): string[] {
  const priority = (key: string): number => service.networks?.[key]?.priority ?? 0
  return Object.keys(service.networks ?? {}).sort((a, b) => priority(b) - priority(a) || compareText(a, b))
}

/**
 * `SVC[:ALIAS]` stands for each of the service's containers, under the alias, its name and its name without project: those that will be, of
 * a service that is not selected those that are.
 */
export function linksOf(
  context: Context,
  service: Service,
  fates: ReadonlyMap<string, ServiceFate>,
): string[] {
  const own = (service.links ?? []).flatMap(link => {
    const [target = '', alias = target] = link.split(':')
    return (fates.get(target)?.replicas ?? replicasOf(context.observed, target)).flatMap(replica => [
      `${replica.name}:${alias}`,
      `${replica.name}:${target}-${replica.number}`,
      `${replica.name}:${context.project.name}-${target}-${replica.number}`,
    ])
  })
  const external = (service.external_links ?? []).map(link => {
    const [container = '', alias = container] = link.split(':')
    return `${container}:${alias}`
  })
  return [...new Set([...own, ...external])]
}
