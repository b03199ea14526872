import type { Service } from '../../model/index.ts'
import type { ObservedContainer, ObservedImage, ObservedMount } from '../observed/observed.ts'
import type { Guard, Labels } from '../plan/operation.ts'
import { containerLabels, LABEL } from '../project/labels.ts'
import { isAnonymousVolume, replacementName } from '../project/names.ts'
import { secretValues } from '../spec/secrets.ts'
import { attachmentsOf, networkKeys } from './attachments.ts'
import type { Context } from './context.ts'
import type { Decisions } from './fates.ts'
import { imageVolumeDigests } from './obsolete.ts'
import { parentRefs } from './parents.ts'
import { createIdOf, type Replica, type ServiceFate } from './replica.ts'
import { addRemove, addStop, removeIdOf, stepBase, stopIdOf } from './steps.ts'
import { freeNames } from './taken-names.ts'

/** All that the operations on containers are made from. */
export interface ContainerPlanning {
  readonly context: Context
  readonly decisions: Decisions
  readonly fates: ReadonlyMap<string, ServiceFate>
  /** All pulls and builds: nothing is made before every image is there, so a missing one leaves nothing half-made. */
  readonly images: readonly string[]
}

/** Plans what creates, replaces, renames and removes containers; starting is `starts.ts`. */
export function planContainers(planning: ContainerPlanning): void {
  for (const fate of planning.fates.values()) {
    removeSurplus(planning, fate)
    for (const replica of fate.replicas) {
      if (replica.existing === undefined)
        addCreate(planning, fate, replica, {
          after: removalsOf(planning.context, replica.name),
          name: replica.name,
        })
      else if (replica.rename) addRename(planning.context, replica, replica.existing)
      if (replica.existing !== undefined && replica.obsolete !== undefined)
        addReplace(planning, fate, replica, replica.existing)
    }
  }
  freeNames(planning.context, planning.fates)
}

function removeSurplus({ context, images }: ContainerPlanning, fate: ServiceFate): void {
  for (const { container, cause } of fate.surplus) {
    const step = { cause, action: 'remove', after: images } as const
    const stop = addStop(context, container, container.name, step)
    if (context.builder.has(removeIdOf(container))) continue
    addRemove(context, container, container.name, { ...step, after: stop === undefined ? images : [stop] })
  }
}

function addRename(context: Context, replica: Replica, existing: ObservedContainer): void {
  context.builder.add({
    type: 'renameContainer',
    id: `container:${replica.name}:rename-back`,
    ...stepBase(
      replica.name,
      {
        cause: 'left over from a replacement that was cut off',
        after: removalsOf(context, replica.name),
        changes: [{ path: 'name', from: existing.name, to: replica.name }],
      },
      'update',
    ),
    container: { name: existing.name, id: existing.id },
    to: replica.name,
  })
}

/** Create the new one, stop the old one, remove it, give its name to the new one: a failure leaves the old one running. */
function addReplace(
  planning: ContainerPlanning,
  fate: ServiceFate,
  replica: Replica,
  old: ObservedContainer,
): void {
  const { context } = planning
  const { obsolete, name } = replica
  if (obsolete === undefined) return
  const step = {
    cause: obsolete.cause,
    changes: obsolete.changes,
    guard: obsolete.guard,
    action: 'recreate',
  } as const
  if (replica.removeFirst) {
    addCreate(planning, fate, replica, { after: [removeIdOf(old)], name, old })
    return
  }
  const temporary = replacementName(old.id, name)
  const renamed = replica.rename ? [`container:${name}:rename-back`] : []
  const before = [...renamed, ...removalsOf(context, temporary)]
  const create = addCreate(planning, fate, replica, { after: before, name: temporary, old })
  const stopId = stopIdOf(old)
  // A stop that is planned already (for a network that is replaced) comes before the creation, not after it.
  const stop = context.builder.has(stopId)
    ? stopId
    : addStop(context, old, name, { ...step, after: [create] })
  const after = stop === undefined ? [create] : [create, stop]
  const remove = addRemove(context, old, name, { ...step, after })
  context.builder.add({
    type: 'renameContainer',
    id: `container:${name}:rename`,
    ...stepBase(name, { ...step, after: [remove] }, 'recreate'),
    container: { name, createdBy: create },
    to: name,
  })
}

interface CreateStep {
  readonly after: readonly string[]
  readonly name: string
  readonly old?: ObservedContainer
}

function addCreate(
  planning: ContainerPlanning,
  fate: ServiceFate,
  replica: Replica,
  { after, name, old }: CreateStep,
): string {
  const { context, decisions, fates } = planning
  const { service, name: serviceName } = fate.selected
  const { parents, after: parentIds } = parentRefs(serviceName, service, fates, context.observed)
  const { obsolete } = replica
  return context.builder.add({
    type: 'createContainer',
    id: createIdOf(replica.name),
    ...stepBase(
      replica.name,
      {
        cause: obsolete?.cause ?? 'container is missing',
        changes: obsolete?.changes ?? [],
        guard: obsolete?.guard,
        after: [...planning.images, ...resourcesBefore(service, decisions), ...parentIds, ...after],
      },
      old === undefined ? 'create' : 'recreate',
    ),
    serviceName,
    service,
    name,
    number: replica.number,
    oneOff: false,
    labels: labelsOf(planning, fate, replica, old),
    image: fate.image.reference,
    networks: attachmentsOf(context, fate, replica.name, decisions.networks, fates),
    parents,
    secrets: secretValues(context.project, service, fate.spec),
    inheritedVolumes: old === undefined ? [] : inheritedVolumes(planning, fate, old),
    ...(old === undefined ? {} : { replaces: { name: replica.name, id: old.id } }),
  })
}

/** Operations that make the networks and volumes which the service uses. */
function resourcesBefore(service: Service, { networks, volumes }: Decisions): string[] {
  const keys = service.network_mode === undefined ? networkKeys(service) : []
  const mounted = (service.volumes ?? []).filter(mount => mount.type === 'volume')
  return [
    ...keys.flatMap(key => networks.get(key)?.after ?? []),
    ...mounted.flatMap(mount => volumes.get(mount.source ?? '')?.after ?? []),
  ]
}

function labelsOf(
  { context }: ContainerPlanning,
  fate: ServiceFate,
  replica: Replica,
  old: ObservedContainer | undefined,
): Labels {
  const { name, service } = fate.selected
  const { project, observed } = context
  const digests = imageVolumeDigests({ project, observed, service })
  return {
    ...containerLabels(project, name, service, fate.spec, replica.number),
    ...(digests === undefined ? {} : { [LABEL.imageVolumes]: digests }),
    ...(old === undefined ? {} : { [LABEL.replace]: old.name }),
  }
}

/**
 * Anonymous volumes outlive the container that they were made for: they go to its replacement, unless `-V`, or something
 * else is mounted there now, or neither image nor service declares a volume at that path any more.
 */
function inheritedVolumes(
  { context }: ContainerPlanning,
  fate: ServiceFate,
  old: ObservedContainer,
): ObservedMount[] {
  if (context.options.renewAnonymousVolumes === true) return []
  const { service } = fate.selected
  const image: ObservedImage | undefined = context.observed.images[fate.image.reference]
  const mounts = new Map((service.volumes ?? []).map(mount => [mount.target, mount]))
  const tmpfs = new Set((service.tmpfs ?? []).map(entry => entry.split(':')[0]))
  return old.mounts.filter(mount => {
    if (mount.type !== 'volume' || mount.name === '' || tmpfs.has(mount.target)) return false
    const wanted = mounts.get(mount.target)
    if (wanted !== undefined) return wanted.type === 'volume' && wanted.source === undefined
    // What the image will declare is not known while it may still change.
    return (
      isAnonymousVolume(mount.name) &&
      (fate.image.digest === undefined || image?.volumes.includes(mount.target) === true)
    )
  })
}

/** Removals of other containers that hold the name now. */
function removalsOf(context: Context, name: string): string[] {
  const holder = context.observed.containers.find(container => container.name === name)
  const id = holder === undefined ? '' : removeIdOf(holder)
  return context.builder.has(id) ? [id] : []
}

/** The condition under which a replica's replacement happens; undefined for what happens anyway. */
export function guardOf(replica: Replica): Guard | undefined {
  return replica.existing === undefined ? undefined : replica.obsolete?.guard
}
