import type { Service } from '../../model/index.ts'
import type { ObservedContainer, ObservedImage, ObservedMount } from '../observed/observed.ts'
import { stepBase } from '../plan/step.ts'
import { containerLabels, LABEL, type Labels } from '../project/labels.ts'
import { isAnonymousVolume } from '../project/names.ts'
import { secretValues } from '../spec/secrets.ts'
import { attachmentsOf, networkKeys } from './attachments.ts'
import type { Decisions } from './fates.ts'
import { imageVolumeDigests } from './obsolete.ts'
import { parentRefs } from './parents.ts'
import type { ContainerPlanning } from './planning.ts'
import { createIdOf, type Replica, type ServiceFate } from './replica.ts'

/** Where a creation comes in, and what it replaces. */
export interface CreateStep {
  readonly after: readonly string[]
  readonly name: string
  readonly old?: ObservedContainer
}

/** Plans the creation of a replica behind its images, networks, volumes and the containers that it joins. */
export function addCreate(
  planning: ContainerPlanning,
  fate: ServiceFate,
  replica: Replica,
  { after, name, old }: CreateStep,
): string {
  const { context, decisions, fates } = planning
  const { service, name: serviceName } = fate.selected
  const { parents, after: parentIds } = parentRefs(context, serviceName, service, fates)
  const { obsolete } = replica
  const inherited = old === undefined ? [] : inheritedVolumes(planning, fate, old)
  const renewed = (old?.mounts ?? [])
    .filter(({ type, name: volume }) => type === 'volume' && isAnonymousVolume(volume))
    .filter(({ target }) => !inherited.some(each => each.target === target))
    .map(({ target }) => target)
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
    networks: attachmentsOf(context, fate.selected, replica.name, decisions.networks, fates),
    parents,
    secrets: secretValues(context.project, service, fate.spec),
    inheritedVolumes: inherited,
    ...(renewed.length === 0 ? {} : { renewedVolumes: renewed }),
    ...(old === undefined ? {} : { replaces: { name: replica.name, id: old.id } }),
  })
}

/** Operations that make the networks and volumes which the service uses. */
export function resourcesBefore(service: Service, { networks, volumes }: Decisions): string[] {
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
