import type { Project } from '../../model/index.ts'
import type { Observed, ObservedContainer, ObservedNetwork } from '../observed/observed.ts'
import type { Plan } from '../plan/plan.ts'
import { PlanBuilder } from '../plan/plan-builder.ts'
import { LABEL } from '../project/labels.ts'
import { imageReference, isAnonymousVolume } from '../project/names.ts'
import { type ServiceSet, selectServices } from '../project/service-set.ts'
import { byName, isReplica, networkNamed, volumeNamed } from '../reconcile/context.ts'
import type { DownOptions } from '../reconcile/options.ts'
import { compareText } from '../spec/canonical.ts'
import { type TakenDown, takeDown } from './teardown.ts'

interface Down {
  readonly project: Project
  readonly observed: Observed
  readonly options: DownOptions
  readonly builder: PlanBuilder
}

/** What `down` does; without a Compose file give it `projectFromLabels(observed)`. */
export function planDown(project: Project, observed: Observed, options: DownOptions = {}): Plan {
  const builder = new PlanBuilder(project.name)
  const down: Down = { project, observed, options, builder }
  const set = selectServices(project, { named: options.services, include: 'dependents' })
  const isWhole = (options.services ?? []).length === 0
  const containers = removeContainers(down, set, isWhole)
  if (isWhole) {
    const removals = [...containers.values()].flatMap(({ done }) => done)
    removeNetworks(down, containers)
    if (options.volumes === true) removeVolumes(down, removals)
    if (options.volumes === true) removeInherited(down)
    if (options.images !== undefined) removeImages(down, options.images, removals)
  }
  const plan = builder.build()
  if (plan.operations.length > 0) return plan
  const nothing = {
    severity: 'warning',
    code: 'NOTHING_TO_REMOVE',
    summary: `no resource found to remove for project "${project.name}"`,
  } as const
  return { ...plan, warnings: [...plan.warnings, nothing] }
}

/** What is planned for each container that goes, by its id. */
type Containers = ReadonlyMap<string, TakenDown>

/**
 * Dependents stop before what they depend on; what belongs to no service of the file only if asked for. A container that
 * has stopped keeps nothing waiting: it is removed beside what goes on.
 */
function removeContainers(
  { project, observed, options, builder }: Down,
  set: ServiceSet,
  isWhole: boolean,
): Containers {
  const containers = new Map<string, TakenDown>()
  const stopped = new Map<string, readonly string[]>()
  const remove = (container: ObservedContainer, after: readonly string[]): readonly string[] => {
    const service = project.model.services[container.service]
    const { timeout, volumes = false } = options
    const planned = takeDown(container, {
      builder,
      service,
      cause: 'down',
      after,
      timeout,
      remove: true,
      volumes,
    })
    containers.set(container.id, planned)
    return planned.stopped
  }
  for (const { name } of [...set.services].reverse()) {
    const dependents = set.services.filter(other => other.dependencies.some(edge => edge.name === name))
    const after = dependents.flatMap(dependent => stopped.get(dependent.name) ?? [])
    const own = observed.containers.filter(
      container => container.service === name && (isReplica(container) || container.hook),
    )
    const ids = own.sort(byName).flatMap(container => remove(container, after))
    stopped.set(name, ids.length === 0 ? after : ids)
  }
  if (!isWhole || options.removeOrphans !== true) return containers
  const rest = observed.containers.filter(
    container => !containers.has(container.id) && !isDisabled(project, container),
  )
  for (const container of [...rest].sort(byName)) remove(container, [])
  return containers
}

function isDisabled(project: Project, container: ObservedContainer): boolean {
  return !container.oneOff && project.disabledServices[container.service] !== undefined
}

/**
 * Networks of the project, also those that the file no longer has; one that is in use elsewhere is only warned of. Each
 * goes when the last of its containers has stopped: taking a bridge apart takes the kernel longer than all the rest.
 */
function removeNetworks({ project, observed, builder }: Down, containers: Containers): void {
  const external = new Set(
    Object.values(project.model.networks ?? {}).flatMap(network =>
      network.external === true ? [network.name] : [],
    ),
  )
  const own = observed.networks.filter(
    network => network.project === project.name && !external.has(network.name),
  )
  for (const network of [...own].sort(byName)) {
    const isSame = networkNamed(observed, network.name) === network
    const after = observed.containers
      .filter(container => isAttached(container, network))
      .flatMap(({ id }) => containers.get(id)?.stopped ?? [])
    builder.add({
      type: 'removeNetwork',
      id: isSame
        ? `network:${network.name}:remove`
        : `network:${network.name}:remove:${network.id.slice(0, 12)}`,
      after,
      resource: { kind: 'network', name: network.name },
      action: 'remove',
      cause: 'down',
      changes: [],
      bestEffort: true,
      networkId: network.id,
    })
  }
}

function isAttached({ networks }: ObservedContainer, { id, name }: ObservedNetwork): boolean {
  return networks.some(attachment => (attachment.id === '' ? attachment.name === name : attachment.id === id))
}

/** Named volumes of the model, never external ones and never those that something else made. */
function removeVolumes({ project, observed, builder }: Down, after: readonly string[]): void {
  const volumes = Object.values(project.model.volumes ?? {}).sort((a, b) => compareText(a.name, b.name))
  const external = new Set(volumes.flatMap(({ name, external }) => (external === true ? [name] : [])))
  // Several keys may stand for one volume.
  const byVolume = new Map(volumes.map(volume => [volume.name, volume]))
  for (const volume of byVolume.values()) {
    const found = volumeNamed(observed, volume.name)
    if (found === undefined || external.has(volume.name)) continue
    if (found.project !== project.name) {
      builder.warn(
        'VOLUME_NOT_FROM_COMPOSE',
        `volume "${volume.name}" was not made for project "${project.name}" and is left`,
        `remove it with "docker volume rm ${volume.name}"`,
      )
      continue
    }
    builder.add({
      type: 'removeVolume',
      id: `volume:${volume.name}:remove`,
      after,
      resource: { kind: 'volume', name: volume.name },
      action: 'remove',
      cause: 'down --volumes',
      changes: [],
      bestEffort: true,
    })
  }
}

/**
 * Anonymous volumes that a container took over from the one it replaced: to the engine they are named by then, so that
 * removing the container with its anonymous volumes leaves them.
 */
function removeInherited({ observed, builder }: Down): void {
  for (const container of [...observed.containers].sort(byName)) {
    const removal = `container:${container.name}:remove`
    if (container.labels[LABEL.replace] === undefined || !builder.has(removal)) continue
    for (const { type, name } of container.mounts) {
      const id = `volume:${name}:remove`
      if (type !== 'volume' || !isAnonymousVolume(name) || builder.has(id)) continue
      builder.add({
        type: 'removeVolume',
        id,
        after: [removal],
        resource: { kind: 'volume', name },
        action: 'remove',
        cause: 'down --volumes',
        changes: [],
        bestEffort: true,
      })
    }
  }
}

/** `local`: images that the project built; `all`: also those that its services name. */
function removeImages(
  { project, observed, builder }: Down,
  which: 'local' | 'all',
  after: readonly string[],
): void {
  const references = Object.entries(project.model.services).map(([name, service]) =>
    imageReference(project.name, name, service),
  )
  for (const reference of [...new Set(references)].sort(compareText)) {
    const image = observed.images[reference]
    if (image === undefined) continue
    const isOurs =
      image.labels[LABEL.project] === project.name ||
      Object.keys(project.model.services).some(name => reference === `${project.name}-${name}`)
    if (which === 'local' && !isOurs) continue
    builder.add({
      type: 'removeImage',
      id: `image:${reference}:remove`,
      after,
      resource: { kind: 'image', name: reference },
      action: 'remove',
      cause: `down --rmi ${which}`,
      changes: [],
      bestEffort: true,
      reference,
    })
  }
}
