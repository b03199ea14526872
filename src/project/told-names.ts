import type { Service } from '../model/index.ts'
import type { Observed, Plan } from '../planner/index.ts'
import type { ConnectedProject } from './connected-project.ts'

/**
 * Tells the engine, where it knows others, what those services of the file are called that have no container and get none by the plan: they
 * are the project's own all the same, and no other project on a network that both are on must answer for them.
 */
export async function tellNames(
  { docker, project }: Pick<ConnectedProject, 'docker' | 'project'>,
  plan: Plan,
  { containers, names: known }: Observed,
): Promise<void> {
  if (known === undefined) return
  const made = plan.operations.flatMap(each =>
    each.type === 'createContainer' && !each.oneOff ? [each.serviceName] : [],
  )
  const present = new Set([
    ...made,
    ...containers.filter(({ oneOff }) => !oneOff).map(({ service }) => service),
  ])
  const names = Object.entries(project.model.services)
    .filter(([name]) => !present.has(name))
    .flatMap(([name, service]) => namesOf(project.name, name, service))
  const sorted = [...new Set(names)].sort()
  if (sorted.join() !== [...known].sort().join()) await docker.tellNames(project.name, sorted)
}

/** By which others would know its first container. */
function namesOf(project: string, name: string, service: Service): string[] {
  const aliases = [name, ...Object.values(service.networks ?? {}).flatMap(place => place?.aliases ?? [])]
  return [
    ...aliases.flatMap(alias => [alias, `${alias}.${project}`]),
    service.container_name ?? `${project}-${name}-1`,
    ...(service.hostname ? [service.hostname] : []),
  ].map(each => each.toLowerCase())
}
