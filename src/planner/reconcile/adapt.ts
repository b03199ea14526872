import type { Service } from '../../model/index.ts'
import type { Change } from '../core/operation.ts'
import type { ObservedContainer } from '../observed/observed.ts'
import { stepBase } from '../plan/step.ts'
import { containerLabels } from '../project/labels.ts'
import { normaliseService } from '../spec/normalise.ts'
import { secretValues } from '../spec/secrets.ts'
import { type Spec, specOf } from '../spec/stored.ts'
import { attachmentsOf } from './attachments.ts'
import { resourcesBefore } from './creation.ts'
import { type Held, holdersOfPort } from './held.ts'
import { CONTENTS, hotFields, TOLD } from './hot.ts'
import type { ContainerPlanning } from './planning.ts'
import type { Replica, ServiceFate } from './replica.ts'

/** Id of the operation that changes a container that stays while it runs. */
export function adaptIdOf(container: ObservedContainer): string {
  return `container:${container.name}:adapt`
}

/** What it gets while it runs on, and what the next plan compares. */
export function addAdapt(
  planning: ContainerPlanning,
  fate: ServiceFate,
  replica: Replica,
  existing: ObservedContainer,
): void {
  const { spec, selected } = fate
  add(planning, fate, replica, existing, {
    id: adaptIdOf(existing),
    cause: existing.configHash === spec.hash ? 'it is not joined as the file says' : 'configuration changed',
    changes: replica.adapted,
    service: selected.service,
    spec,
  })
}

/**
 * Has a container that is adapted give up what others wait for, before any of them has what it wants itself: it publishes what nobody else has.
 * Its labels say so, so that what was cut off here is seen by the next plan, whatever the file says then. Returns the operation's id.
 */
export function addYield(
  planning: ContainerPlanning,
  fate: ServiceFate,
  replica: Replica,
  existing: ObservedContainer,
  held: Held,
): string {
  const { context } = planning
  const id = `container:${existing.name}:yield`
  if (context.builder.has(id)) return id
  const { service: wanted } = fate.selected
  const isFree = (port: NonNullable<Service['ports']>[number]): boolean =>
    holdersOfPort(port, held).every(holder => holder.id === existing.id)
  const service = { ...wanted, ports: (wanted.ports ?? []).filter(isFree) }
  add(planning, fate, replica, existing, {
    id,
    cause: 'others wait for its ports',
    changes: [],
    service,
    spec: specOf(normaliseService(service, context.project.model)),
  })
  context.builder.addAfter(adaptIdOf(existing), [id])
  return id
}

/** Id of the operation that puts back what updates have changed. */
export function updateIdOf(name: string): string {
  return `container:${name}:update`
}

interface Adaptation {
  readonly id: string
  readonly cause: string
  readonly changes: readonly Change[]
  readonly service: Service
  readonly spec: Spec
}

function add(
  { context, decisions, fates }: ContainerPlanning,
  fate: ServiceFate,
  { name, number, ref, adapted }: Replica,
  existing: ObservedContainer,
  { id, cause, changes, service, spec }: Adaptation,
): void {
  const { project, builder } = context
  const serviceName = fate.selected.name
  // One that does not run is adapted for its endpoints alone.
  const fields = [...(hotFields(adapted, existing, fate.selected.service) ?? ['EndpointsConfig'])]
  const joins = fields.includes('EndpointsConfig') ? resourcesBefore(service, decisions) : []
  const update = updateIdOf(name)
  builder.add({
    type: 'adaptContainer',
    id,
    ...stepBase(
      name,
      { cause, after: [...joins, ...(builder.has(update) ? [update] : [])], changes },
      'update',
    ),
    container: ref,
    serviceName,
    service,
    fields,
    ...(fields.includes(CONTENTS) || fields.includes(TOLD) ? toldBy(service) : {}),
    networks: attachmentsOf(context, fate.selected, name, decisions.networks, fates),
    secrets: secretValues(project, service, spec),
    labels: containerLabels(project, serviceName, service, spec, number),
  })
}

/** How the container hears of contents that are new. */
function toldBy({ 'x-tscompose': { on_change: signal = 'none' } = {} }: Service): { signal?: string } {
  return signal === 'none' ? {} : { signal }
}
