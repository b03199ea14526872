import type { Service } from '../../model/index.ts'
import type { Attachment } from '../plan/operation.ts'
import type { SelectedService } from '../project/service-set.ts'
import { compareText } from '../spec/canonical.ts'
import type { Context } from './context.ts'
import { linksOf, linkText } from './links.ts'
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
  const links = linksOf(context, service, fates).map(linkText)
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
