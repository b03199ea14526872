import type { Service } from '../../model/index.ts'
import { replicasOf } from '../observed/find.ts'
import type { ObservedContainer } from '../observed/observed.ts'
import type { ContainerLink, ContainerRef } from '../plan/operation.ts'
import { containerName } from '../project/names.ts'
import { compareText } from '../spec/canonical.ts'
import type { Context } from './context.ts'
import type { Obsolete, ServiceFate } from './replica.ts'

/**
 * `SVC[:ALIAS]` stands for each of the service's containers, under the alias, its name and its name without project: those that will be, of
 * a service that is not selected those that are, and of one without any the first. What `external_links` names is a container of anybody's, of the plan's own as well.
 */
export function linksOf(
  context: Context,
  service: Service,
  fates: ReadonlyMap<string, ServiceFate>,
): ContainerLink[] {
  const own = (service.links ?? []).flatMap(link => {
    const [target = '', alias = target] = link.split(':')
    const replicas =
      fates.get(target)?.replicas ??
      replicasOf(context.observed, target).map(({ name, number, id }) => ({
        name,
        number,
        ref: { name, id },
      }))
    const linked = replicas.length > 0 || hasOldLinks(service) ? replicas : firstOf(context, target)
    return linked.flatMap(({ name, number, ref }) =>
      [alias, `${target}-${number}`, `${context.project.name}-${target}-${number}`].map(each => ({
        container: { ...ref, name },
        alias: each,
      })),
    )
  })
  const external = (service.external_links ?? []).map(link => {
    const [name = '', alias = name] = link.split(':')
    const planned = replicasIn(fates).find(replica => replica.name === name)
    return { container: planned?.ref ?? { name, id: name }, alias }
  })
  return [...new Map([...own, ...external].map(link => [linkText(link), link])).values()]
}

/** Of a service that has no container: what it calls others is its own all the same, on networks, where names may come later. */
function firstOf(
  { project: { name: project, model, disabledServices } }: Context,
  target: string,
): { readonly name: string; readonly number: number; readonly ref: ContainerRef }[] {
  const service = model.services[target] ?? disabledServices[target]
  if (service === undefined) return []
  const name = containerName(project, target, service, 1)
  return [{ name, number: 1, ref: { name, id: name } }]
}

/** `container:alias`, by the name that the container has in the end. */
export function linkText({ container, alias }: ContainerLink): string {
  return `${container.name}:${alias}`
}

/**
 * Whether links of a service are Docker's old ones: those of the default bridge, which has no names, are made with the container, lead to
 * one that is there by then, and are no more when that one is replaced.
 */
export function hasOldLinks({ network_mode, links = [], external_links = [] }: Service): boolean {
  return (network_mode === 'bridge' || network_mode === 'default') && links.length + external_links.length > 0
}

/** Old links of a container are as they were when it was made: others have come since, or what it calls so is gone. */
export function oldLinksChanged(
  container: ObservedContainer,
  { service, links }: { readonly service: Service; readonly links: readonly ContainerLink[] },
): Obsolete | undefined {
  if (!hasOldLinks(service)) return undefined
  const [from, to] = [container.oldLinks ?? [], links.map(linkText)].map(texts =>
    texts.length === 0 ? undefined : JSON.stringify([...texts].sort(compareText)),
  )
  if (from === to) return undefined
  return { cause: 'it does not call others as the file says', changes: [{ path: 'links', from, to }] }
}

function replicasIn(fates: ReadonlyMap<string, ServiceFate>): ServiceFate['replicas'][number][] {
  return [...fates.values()].flatMap(({ replicas }) => replicas)
}
