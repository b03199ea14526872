import type { PortMap } from '../api/types/index.ts'
import { hasOwnNetwork, type Service } from '../model/index.ts'
import type { AdaptContainer, ContainerRef, Observed, Operation, Plan } from '../planner/index.ts'
import { portBindings } from './create-request/index.ts'

/** A container that a plan starts, with what it publishes. */
export interface PlannedPorts {
  /** What makes the container, or else what starts it: whoever reads of a failure finds the place by it. */
  readonly operation: Operation
  readonly container: ContainerRef
  readonly bindings: PortMap
}

/** What the containers that a plan starts publish on the host: one that is there already what it was made with, whatever the file says now. */
export function plannedPorts(
  plan: Plan,
  { containers }: Pick<Observed, 'containers'>,
): readonly PlannedPorts[] {
  const creations = new Map(
    plan.operations.flatMap(each => (each.type === 'createContainer' ? [[each.id, each] as const] : [])),
  )
  return plan.operations.flatMap(operation => {
    if (operation.type !== 'startContainer' && !changesPorts(operation)) return []
    const { container } = operation
    const creation = creations.get(container.createdBy ?? '')
    const made = changesPorts(operation) ? operation : creation
    const bindings =
      made === undefined
        ? containers.find(({ id }) => id === container.id)?.bindings
        : bindingsOf(made.service)
    return bindings === undefined ? [] : [{ operation: creation ?? operation, container, bindings }]
  })
}

function bindingsOf(service: Service): PortMap | undefined {
  return hasOwnNetwork(service) ? portBindings(service) : undefined
}

/** Ids of containers that give up ports which they have, by a plan: those that end, and those that publish others. */
export function yieldingContainers(plan: Plan): ReadonlySet<string> {
  const published = plan.operations.flatMap(operation =>
    changesPorts(operation) ? (operation.container.id ?? []) : [],
  )
  return new Set([...endingContainers(plan), ...published])
}

function changesPorts(operation: Operation): operation is AdaptContainer {
  return operation.type === 'adaptContainer' && operation.fields.includes('HostConfig.PortBindings')
}

/** Ids of containers that end, or end first, by a plan. */
export function endingContainers(plan: Plan): ReadonlySet<string> {
  return new Set(
    plan.operations.flatMap(operation => {
      switch (operation.type) {
        case 'stopContainer':
        case 'killContainer':
        case 'removeContainer':
        case 'restartContainer':
          return operation.container.id ?? []
        default:
          return []
      }
    }),
  )
}
