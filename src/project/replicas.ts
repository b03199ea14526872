import { waitedServices } from '../executor/index.ts'
import type { Project } from '../model/index.ts'
import type { Observed, Plan, Resource } from '../planner/index.ts'
import { compareNames } from './containers.ts'

/** A container of a service, no one-off, by the name that it has in the end. */
export interface Replica {
  readonly name: string
  readonly service: string
}

/** The replicas that are there once the plan is executed, sorted by name. */
export function replicasAfter(project: Project, plan: Plan, observed: Observed): readonly Replica[] {
  const services = new Map<string, string>()
  for (const { name, service, oneOff, hook } of observed.containers)
    if (!oneOff && !hook) services.set(name, service)
  for (const operation of plan.operations) {
    const { name } = operation.resource
    if (operation.type === 'createContainer' && !operation.oneOff) services.set(name, operation.serviceName)
    if (operation.type === 'removeContainer' && operation.action === 'remove') services.delete(name)
  }
  return [...services]
    .filter(([, service]) => project.model.services[service] !== undefined)
    .map(([name, service]) => ({ name, service }))
    .sort((a, b) => compareNames(a.name, b.name))
}

/** The containers that `waitReady` will tell of, for the progress view. */
export function waitedResources(
  project: Project,
  replicas: readonly Replica[],
  named: readonly string[],
): readonly Resource[] {
  const services = waitedServices(project, named)
  return replicas
    .filter(({ service }) => services.has(service))
    .map(({ name }) => ({ kind: 'container', name }) as const)
}
