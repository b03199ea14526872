import type { ContainerSummary } from '../api/types/index.ts'
import type { Diagnostic } from '../diagnostics/index.ts'
import type { Path, Project } from '../model/index.ts'
import type { CreateContainer, Plan } from '../planner/index.ts'
import { placed } from './placed.ts'

/** A container of no service, by the attribute that names it. */
export interface JoinedName {
  readonly place: Path
  readonly name: string
  /** What makes the container that joins. */
  readonly creation: string
}

const NAMESPACES = [
  ['network_mode', 'network'],
  ['ipc', 'ipc'],
  ['pid', 'pid'],
  ['uts', 'uts'],
] as const

/** What the plan has found itself, of services, is left out. */
export function joinedNames({ id, serviceName, service, parents }: CreateContainer): JoinedName[] {
  return NAMESPACES.flatMap(([attribute, parent]) => {
    const name = /^container:(.+)$/.exec(service[attribute] ?? '')?.[1]
    return name === undefined || parents[parent] !== undefined
      ? []
      : [{ place: ['services', serviceName, attribute], name, creation: id }]
  })
}

/** One that the plan makes is there in time only for who waits for it, by `depends_on`. */
export function missingContainers(
  names: readonly JoinedName[],
  containers: readonly ContainerSummary[],
  plan: Plan,
  project: Project,
): Diagnostic[] {
  const made = new Map(
    plan.operations.flatMap(each =>
      each.type === 'createContainer' ? [[each.resource.name, each] as const] : [],
    ),
  )
  const isThere = (name: string): boolean =>
    containers.some(({ Id, Names }) => Id.startsWith(name) || Names.includes(`/${name}`))
  return names.flatMap(({ name, place, creation }) => {
    const own = made.get(name)
    if (own === undefined ? isThere(name) : own.id !== creation && comesAfter(plan, creation, own.id))
      return []
    return {
      ...placed(project, place),
      code: 'CONTAINER_NOT_FOUND',
      ...(own === undefined
        ? {
            summary: `there is no container "${name}"`,
            hint: 'start it first; the container of a service is named service:<name>',
          }
        : own.id === creation
          ? { summary: `container "${name}" cannot join itself`, hint: 'name another container' }
          : {
              summary: `container "${name}" of service "${own.serviceName}" is made by this command, perhaps later`,
              hint: `write service:${own.serviceName}, or let the service depend on it`,
            }),
    }
  })
}

/** Whether an operation waits, be it through others, for another one. */
function comesAfter(plan: Plan, id: string, earlier: string): boolean {
  const byId = new Map(plan.operations.map(each => [each.id, each]))
  const awaited = new Set([id])
  // A set gives what is added while it is walked, too.
  for (const each of awaited) for (const before of byId.get(each)?.after ?? []) awaited.add(before)
  return awaited.has(earlier)
}
