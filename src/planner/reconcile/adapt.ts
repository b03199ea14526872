import type { Service } from '../../model/index.ts'
import type { Change } from '../core/operation.ts'
import type { ObservedContainer } from '../observed/observed.ts'
import { stepBase } from '../plan/step.ts'
import { containerLabels, LABEL } from '../project/labels.ts'
import { normaliseService } from '../spec/normalise.ts'
import { type Spec, specOf } from '../spec/stored.ts'
import type { Context } from './context.ts'
import { type Held, holdersOfPort } from './held.ts'
import { adaptedParts } from './obsolete.ts'
import type { Replica, ServiceFate } from './replica.ts'

/** Id of the operation that changes ports or egress of a container that stays. */
export function adaptIdOf(container: ObservedContainer): string {
  return `container:${container.name}:adapt`
}

/** What it publishes, or where it goes, and what the next plan compares. */
export function addAdapt(
  context: Context,
  fate: ServiceFate,
  replica: Replica,
  existing: ObservedContainer,
): void {
  const { spec, selected } = fate
  const what = [...(adaptedParts(replica.adapted) ?? [])].join(' and ')
  add(context, fate, replica, {
    id: adaptIdOf(existing),
    cause: `${what} changed`,
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
  context: Context,
  fate: ServiceFate,
  replica: Replica,
  existing: ObservedContainer,
  held: Held,
): string {
  const id = `container:${existing.name}:yield`
  if (context.builder.has(id)) return id
  const { service: wanted } = fate.selected
  const isFree = (port: NonNullable<Service['ports']>[number]): boolean =>
    holdersOfPort(port, held).every(holder => holder.id === existing.id)
  const service = { ...wanted, ports: (wanted.ports ?? []).filter(isFree) }
  add(context, fate, replica, {
    id,
    cause: 'others wait for its ports',
    changes: [],
    service,
    spec: specOf(normaliseService(service, context.project.model)),
  })
  context.builder.addAfter(adaptIdOf(existing), [id])
  return id
}

interface Adaptation {
  readonly id: string
  readonly cause: string
  readonly changes: readonly Change[]
  readonly service: Service
  readonly spec: Spec
}

function add(
  { project, builder }: Context,
  { selected }: ServiceFate,
  { name, number, ref, adapted }: Replica,
  { id, cause, changes, service, spec }: Adaptation,
): void {
  const labels = containerLabels(project, selected.name, service, spec, number)
  const told = [LABEL.configHash, LABEL.spec].map((key): [string, string] => [key, labels[key] ?? ''])
  builder.add({
    type: 'adaptContainer',
    id,
    ...stepBase(name, { cause, after: [], changes }, 'update'),
    container: ref,
    serviceName: selected.name,
    service,
    parts: [...(adaptedParts(adapted) ?? [])],
    labels: Object.fromEntries(told),
  })
}
