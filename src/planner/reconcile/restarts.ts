import type { Service } from '../../model/index.ts'
import { replicasOf } from '../observed/find.ts'
import type { ObservedContainer } from '../observed/observed.ts'
import { stepBase } from '../plan/step.ts'
import { isNetworkAlone } from '../project/service-set.ts'
import { compareText } from '../spec/canonical.ts'
import { attachmentsOf } from './attachments.ts'
import { keepsNetwork } from './parents.ts'
import { type ContainerPlanning, guardOf, type Restart } from './planning.ts'
import { anyOf, isNew, mayChange, type Replica, type ServiceFate } from './replica.ts'
import { addStop, stopIdOf } from './steps.ts'

/** Plans the stops of containers that stay but have to go down for a moment; by container id. */
export function planRestarts(planning: ContainerPlanning): ReadonlyMap<string, Restart> {
  const restarts = new Map<string, Restart>()
  for (const container of keptContainers(planning)) {
    const restart = restartOf(planning, container.container)
    if (restart === undefined) continue
    addStop(planning.context, container.container, container.name, {
      cause: restart.cause,
      after: planning.images,
      action: 'restart',
      guard: restart.guard,
    })
    if (restart.behind.length > 0) stopBefore(planning, container.container, restart.behind)
    restarts.set(container.container.id, {
      ...restart,
      between: [...restart.between, ...reconnect(planning, container.container, container.name)],
    })
  }
  return restarts
}

/** Containers that are not certainly replaced, of services that are selected or not: a dependent may be unselected. */
function keptContainers({
  context,
  fates,
}: ContainerPlanning): { container: ObservedContainer; name: string }[] {
  const services = Object.keys({ ...context.project.model.services, ...context.project.disabledServices })
  return services.sort(compareText).flatMap(name => {
    const fate = fates.get(name)
    if (fate === undefined)
      return replicasOf(context.observed, name).map(container => ({ container, name: container.name }))
    return fate.replicas.flatMap(replica =>
      replica.existing === undefined || isNew(replica)
        ? []
        : [{ container: replica.existing, name: replica.name }],
    )
  })
}

function restartOf(planning: ContainerPlanning, container: ObservedContainer): Restart | undefined {
  const network = [...planning.decisions.networks.values()].find(
    ({ detached, restarted }) => detached.has(container.id) || restarted.has(container.id),
  )
  const base = { guard: undefined, between: [], behind: [] }
  if (network !== undefined) {
    const isDetached = network.detached.has(container.id)
    const what = isDetached ? 'is replaced' : 'is not as it was set up'
    return { ...base, cause: `network "${network.name}" ${what}`, between: isDetached ? network.after : [] }
  }
  if (container.state !== 'running') return undefined
  const drift = container.drift.find(({ repair = 'restart' }) => repair === 'restart')
  if (drift !== undefined)
    return { ...base, cause: `${drift.path} is ${drift.got} in the kernel, not ${drift.want}` }
  return becauseOfDependency(planning, container)
}

/** `depends_on: {restart: true}`: down before the dependency is replaced, up after it. */
function becauseOfDependency(planning: ContainerPlanning, container: ObservedContainer): Restart | undefined {
  const service = serviceOf(planning, container.service)
  const replaced = Object.entries(service?.depends_on ?? {})
    .filter(([name, edge]) => edge.restart === true && replacedReplicas(planning.fates.get(name)).length > 0)
    .map(([name]) => name)
    .filter(name => !staysBeside(planning, container, service, name))
    .sort(compareText)
  if (replaced.length === 0) return undefined
  const guards = replaced.flatMap(name => replacedReplicas(planning.fates.get(name)).map(guardOf))
  return {
    cause: `"${replaced.join('", "')}", which it depends on, is replaced`,
    guard: guards.reduce((all, guard) => anyOf(all, guard)),
    between: [],
    behind: replaced,
  }
}

/** It depends on the other one for its network alone, and stays in that. */
function staysBeside(
  { fates }: ContainerPlanning,
  container: ObservedContainer,
  service: Service | undefined,
  name: string,
): boolean {
  if (service === undefined || container.staysInNetwork !== true) return false
  const fate = fates.get(name)
  const isKept = (replica: Replica): boolean =>
    fate !== undefined && keepsNetwork(fate.selected.service, replica)
  return isNetworkAlone(service, name) && replacedReplicas(fate).every(isKept)
}

function replacedReplicas(fate: ServiceFate | undefined): Replica[] {
  return (fate?.replicas ?? []).filter(replica => replica.existing !== undefined && mayChange(replica))
}

/** The dependency's old containers stop only after their dependents have. */
function stopBefore(
  { context, fates }: ContainerPlanning,
  container: ObservedContainer,
  dependencies: readonly string[],
): void {
  for (const dependency of dependencies)
    for (const replica of replacedReplicas(fates.get(dependency)))
      if (replica.existing !== undefined)
        context.builder.addAfter(stopIdOf(replica.existing), [stopIdOf(container)])
}

/** Puts a container back on the networks that were replaced under it, one after the other: their order gives interfaces their names. */
function reconnect(planning: ContainerPlanning, container: ObservedContainer, name: string): string[] {
  const { context, decisions, fates } = planning
  const service = serviceOf(planning, container.service)
  if (service === undefined) return []
  const all = attachmentsOf(context, { name: container.service, service }, name, decisions.networks, fates)
  const connects: string[] = []
  for (const attachment of all) {
    const network = decisions.networks.get(attachment.key)
    if (network?.detached.has(container.id) !== true) continue
    const after = [...network.after, ...connects.slice(-1)]
    connects.push(
      context.builder.add({
        type: 'connectNetwork',
        id: `container:${name}:connect:${network.name}`,
        ...stepBase(
          name,
          { cause: `network "${network.name}" is replaced`, after, action: 'restart' },
          'update',
        ),
        container: { name, id: container.id },
        serviceName: container.service,
        service,
        attachment,
      }),
    )
  }
  return connects
}

/** A service of the project, selected or not. */
export function serviceOf({ context }: ContainerPlanning, name: string): Service | undefined {
  return context.project.model.services[name] ?? context.project.disabledServices[name]
}
