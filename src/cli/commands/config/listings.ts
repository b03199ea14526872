import type { ComposeModel, Project } from '../../../model/index.ts'
import { serviceHash } from '../../../planner/index.ts'

/** Keys of a section, sorted. */
export function names(section: Readonly<Record<string, unknown>> | undefined): string[] {
  return Object.keys(section ?? {}).sort()
}

/** All profiles that some service names, enabled or not, sorted. */
export function profiles(project: Project): string[] {
  const services = [...Object.values(project.model.services), ...Object.values(project.disabledServices)]
  return [...new Set(services.flatMap(service => service.profiles ?? []))].sort()
}

/** Images of the services, those of init containers too. */
export function imageNames(project: Project): string[] {
  const { name, services } = project.model
  return Object.entries(services).flatMap(([key, service]) => [
    ...(service.pre_start ?? []).flatMap(hook => hook.image ?? []),
    ...(service.provider ? [] : [service.image ?? `${name}-${key}`]),
  ])
}

/** `SERVICE HASH`, of all values; the label of its containers leaves out those that may be secret. */
export function hashes(model: ComposeModel, services: readonly string[]): string[] {
  return services.flatMap(name => {
    const service = model.services[name]
    return service ? [`${name} ${serviceHash(service)}`] : []
  })
}

/** `NAME=value`, sorted. */
export function renderEnvironment(environment: Readonly<Record<string, string>>): string[] {
  return Object.entries(environment)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
}
