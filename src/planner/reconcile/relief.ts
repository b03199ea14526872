import { hasOwnNetwork, type Service } from '../../model/index.ts'
import type { ObservedContainer } from '../observed/observed.ts'
import type { DrainContainer } from '../plan/operation.ts'
import { type StepOptions, stepBase } from '../plan/step.ts'
import { located } from '../project/located.ts'
import type { Context } from './context.ts'
import type { ContainerPlanning } from './planning.ts'
import { isStartFirst, type Replica, type ServiceFate } from './replica.ts'
import { addWatch, relieveIdOf } from './updates.ts'

/**
 * Between the start of a new container beside the old one and the stop of that: it is looked at, gets names and ports, and who is connected to the old one
 * has time to end. Returns what the stop waits for.
 */
export function addRelief(
  planning: ContainerPlanning,
  fate: ServiceFate,
  replica: Replica,
  old: ObservedContainer,
  step: Omit<StepOptions, 'after'>,
): string[] {
  const { builder } = planning.context
  const watched = addWatch(planning, fate, replica)
  const relieved = builder.add({
    type: 'relieveContainer',
    id: relieveIdOf(replica.name),
    ...stepBase(replica.name, { ...step, after: [watched] }, 'recreate'),
    container: replica.ref,
    serviceName: fate.selected.name,
    service: fate.selected.service,
    relieves: { name: old.name, id: old.id },
  })
  const reliever = { container: replica.ref, serviceName: fate.selected.name }
  return [addDrain(planning.context, old, replica.name, { ...step, after: [relieved] }, reliever)]
}

/** Plans to wait until nobody is connected any more to a container that another has relieved. */
export function addDrain(
  { builder, options: { timeout } }: Context,
  old: ObservedContainer,
  name: string,
  step: StepOptions,
  reliever?: DrainContainer['reliever'],
): string {
  return builder.add({
    type: 'drainContainer',
    id: `container:${old.name}:drain`,
    ...stepBase(name, step, 'recreate'),
    container: { name: old.name, id: old.id },
    ...(reliever === undefined ? {} : { reliever }),
    ...(timeout === undefined ? {} : { timeout }),
  })
}

/**
 * Finds what keeps a new container from running beside the old one: an engine would find out when it starts, or others would lose what they have.
 * Problem START_FIRST_IMPOSSIBLE. What both write to meanwhile is a warning: START_FIRST_VOLUME.
 */
export function checkStartFirst(context: Context, fates: ReadonlyMap<string, ServiceFate>): void {
  for (const { selected, replicas } of fates.values()) {
    const { name, service } = selected
    if (!replicas.some(({ beside }) => beside)) {
      warnOfForeign(context, selected.name, service, replicas)
      continue
    }
    for (const { path, why } of obstaclesOf(context, name, service))
      context.builder.problem({
        ...located(context.project, ['services', ...path]),
        code: 'START_FIRST_IMPOSSIBLE',
        summary: `service "${name}" cannot be updated with order "start-first": ${why}`,
        hint: 'leave "order" out of its "deploy.update_config", or set it to "stop-first"',
      })
    for (const mount of service.volumes ?? [])
      if (mount.type === 'volume' && mount.source !== undefined && mount.read_only !== true)
        context.builder.warn(
          'START_FIRST_VOLUME',
          `two containers of service "${name}" have volume "${mount.source}" at "${mount.target}" while it is updated`,
          'an order of "stop-first" has one at a time',
        )
  }
}

function warnOfForeign(
  { builder }: Context,
  name: string,
  service: Service,
  replicas: readonly Replica[],
): void {
  const isForeign = replicas.some(
    ({ existing, obsolete }) =>
      obsolete !== undefined && existing?.extensions === undefined && existing !== undefined,
  )
  if (isStartFirst(service) && isForeign)
    builder.warn(
      'START_FIRST_NOT_APPLIED',
      `service "${name}" is updated in the order "stop-first": a Docker Engine cannot hand over ports`,
    )
}

interface Obstacle {
  /** Below `services`. */
  readonly path: readonly string[]
  readonly why: string
}

const FIXED = ['ipv4_address', 'ipv6_address', 'mac_address'] as const

function obstaclesOf({ project }: Context, name: string, service: Service): Obstacle[] {
  const mode = service.network_mode
  if (!hasOwnNetwork(service) && mode !== 'none')
    return [
      {
        path: [name, 'network_mode'],
        why: 'both would have one network, and one port in it is one container’s',
      },
    ]
  if (mode !== undefined && mode !== 'none' && (service.ports ?? []).length > 0)
    return [{ path: [name, 'network_mode'], why: 'ports are handed over on networks of the project alone' }]
  const fixed = Object.entries(service.networks ?? {}).flatMap(([key, attachment]) =>
    FIXED.flatMap(attribute =>
      attachment?.[attribute] === undefined
        ? []
        : [
            {
              path: [name, 'networks', key, attribute],
              why: `one container at a time has ${attachment[attribute]}`,
            },
          ],
    ),
  )
  const mac =
    service.mac_address === undefined
      ? []
      : [{ path: [name, 'mac_address'], why: `one container at a time has ${service.mac_address}` }]
  const services = Object.entries({ ...project.disabledServices, ...project.model.services })
  const sharers = services.filter(([, { network_mode: of }]) => of === `service:${name}`)
  return [
    ...fixed,
    ...mac,
    ...sharers.map(([other]) => ({
      path: [other, 'network_mode'],
      why: `"${other}" lives in its network, and would lose it`,
    })),
  ]
}
