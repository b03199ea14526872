import { failure } from '../../diagnostics/index.ts'
import type { Service } from '../../model/index.ts'
import { isAlive, replicasOf } from '../observed/find.ts'
import type { ObservedContainer } from '../observed/observed.ts'
import { containerName, isTemporaryName } from '../project/names.ts'
import type { SelectedService } from '../project/service-set.ts'
import { normaliseService } from '../spec/normalise.ts'
import { secretValues } from '../spec/secrets.ts'
import { type Spec, specOf } from '../spec/stored.ts'
import type { Context } from './context.ts'
import type { ImageDecision } from './images.ts'
import { linksOf } from './links.ts'
import type { NetworkDecision } from './networks.ts'
import { judge, type Verdict, type Wanted } from './obsolete.ts'
import type { RecreatePolicy } from './options.ts'
import { linkedFates, parentFates, refOf } from './parents.ts'
import { isStartFirst, type Replica, type ServiceFate } from './replica.ts'
import type { VolumeDecision } from './volumes.ts'

/** What the containers' fates depend on. */
export interface Decisions {
  readonly images: ReadonlyMap<string, ImageDecision>
  readonly networks: ReadonlyMap<string, NetworkDecision>
  readonly volumes: ReadonlyMap<string, VolumeDecision>
}

/** Decides what becomes of every service's containers, dependencies first; nothing is planned yet. By service name. */
export function decideFates(context: Context, decisions: Decisions): Map<string, ServiceFate> {
  const fates = new Map<string, ServiceFate>()
  for (const selected of context.set.services) {
    const image = decisions.images.get(selected.name)
    if (image === undefined) continue
    const spec = specOf(normaliseService(selected.service, context.project.model))
    const links = linksOf(context, selected.service, fates)
    const wanted: Wanted = {
      project: context.project,
      observed: context.observed,
      serviceName: selected.name,
      service: selected.service,
      spec,
      secrets: secretValues(context.project, selected.service, spec),
      image,
      networks: decisions.networks,
      links,
      volumes: decisions.volumes,
      parents: [
        ...parentFates(selected.service, fates, context.observed),
        ...linkedFates(selected.service, links, fates),
      ],
      policy: policyOf(context, selected),
    }
    fates.set(selected.name, decide(context, selected, spec, image, wanted))
  }
  return withoutSwaps(fates)
}

/** Who has a name that another one is to get goes first, so that it is free: the other may be what a new one of it waits for. */
function withoutSwaps(fates: Map<string, ServiceFate>): Map<string, ServiceFate> {
  const owners = new Map<string, Replica>()
  for (const { replicas } of fates.values()) for (const each of replicas) owners.set(each.name, each)
  for (const [name, fate] of fates) {
    const replicas = fate.replicas.map(each => {
      const taker = owners.get(each.existing?.name ?? each.name)
      return each.beside && taker !== undefined && taker !== each ? { ...each, beside: false } : each
    })
    fates.set(name, { ...fate, replicas })
  }
  return fates
}

function policyOf({ options }: Context, selected: SelectedService): RecreatePolicy {
  const own = options.renewAnonymousVolumes === true ? 'force' : (options.recreate ?? 'diverged')
  return selected.targeted ? own : (options.recreateDependencies ?? (own === 'never' ? 'never' : 'diverged'))
}

function decide(
  context: Context,
  selected: SelectedService,
  spec: Spec,
  image: ImageDecision,
  wanted: Wanted,
): ServiceFate {
  const { name, service } = selected
  const count = scaleOf(context, selected)
  const { containers, surplus } = withoutLeftovers(context, selected)
  const judged = containers.map(container => ({ container, ...judge(container, wanted) }))
  const extra = chooseExtra(judged, count)
  const kept = judged
    .filter(({ container }) => !extra.has(container))
    .map(each => keptReplica(context, name, service, each, wanted))
  const highest = Math.max(0, ...containers.map(container => container.number))
  const added = Array.from({ length: Math.max(0, count - kept.length) }, (_, index) =>
    newReplica(context, name, service, highest + index + 1),
  )
  return {
    selected,
    spec,
    image,
    replicas: [...kept, ...added],
    surplus: [...surplus, ...[...extra].map(container => ({ container, cause: `scaled to ${count}` }))],
  }
}

/** More replicas of one service than any machine holds: a number of that size is a slip, and planning it would fill the memory. */
const MOST_REPLICAS = 10_000

/** How many replicas the service should have; a fixed name allows one. */
function scaleOf(context: Context, { name, service }: SelectedService): number {
  const { scale = {} } = context.options
  // A service may be called `constructor`.
  const given = Object.hasOwn(scale, name) ? scale[name] : undefined
  const count = given ?? service.deploy?.replicas ?? service.scale ?? 1
  if (count > 1 && service.container_name !== undefined)
    throw failure({
      kind: 'invalidArgument',
      code: 'CONTAINER_NAME_SCALED',
      summary: `service "${name}" can not have ${count} replicas with the fixed container name "${service.container_name}"`,
      hint: 'remove "container_name"',
    })
  if (count > MOST_REPLICAS)
    throw failure({
      kind: 'invalidArgument',
      code: 'SCALE_TOO_LARGE',
      summary: `service "${name}" can not have ${count} replicas: ${MOST_REPLICAS} are the most`,
    })
  return count
}

interface Judged extends Verdict {
  readonly container: ObservedContainer
}

/** Which containers go when there are too many: those that would be replaced anyway, then the highest numbers. */
function chooseExtra(judged: readonly Judged[], count: number): ReadonlySet<ObservedContainer> {
  const isDoomed = ({ obsolete }: Judged): number =>
    obsolete !== undefined && obsolete.guard === undefined ? 0 : 1
  const sorted = [...judged].sort(
    (a, b) => isDoomed(a) - isDoomed(b) || b.container.number - a.container.number,
  )
  return new Set(sorted.slice(0, Math.max(0, judged.length - count)).map(({ container }) => container))
}

/**
 * A replacement that was cut off (by SIGKILL, say) leaves two containers of one number: the old one, and the new one
 * under its temporary name, which never ran. The old one is kept and judged again; a temporary one stays only where
 * nothing else has its number, and is renamed then. One that has names and ports of the old one already stays instead of that,
 * by its temporary name too: the one before it may be gone, and another beside it that was to be next.
 */
function withoutLeftovers(
  context: Context,
  { name, service }: SelectedService,
): { containers: ObservedContainer[]; surplus: { container: ObservedContainer; cause: string }[] } {
  const byNumber = new Map<number, ObservedContainer>()
  const surplus: { container: ObservedContainer; cause: string }[] = []
  const standing = (container: ObservedContainer): number =>
    standingOf(container, containerName(context.project.name, name, service, container.number))
  for (const container of replicasOf(context.observed, name)) {
    const other = byNumber.get(container.number)
    const winner = other === undefined || standing(container) > standing(other) ? container : other
    const loser = winner === container ? other : container
    byNumber.set(container.number, winner)
    if (loser !== undefined)
      surplus.push({ container: loser, cause: 'left over from a replacement that was cut off' })
  }
  return { containers: [...byNumber.values()], surplus }
}

/** The greatest has what clients come to: who took it from another, who runs and does not stand aside, then who has the name. */
function standingOf(container: ObservedContainer, wantedName: string): number {
  const named = container.name === wantedName ? 1 : 0
  const runs = isAlive(container) ? 2 : 0
  if (container.relief === 'serving') return 4 + runs + named
  return (container.relief === undefined ? runs : 0) + named
}

/** The container has another name than it should, and nothing of the project has that one. */
function isMisnamed({ observed }: Context, container: ObservedContainer, name: string): boolean {
  return container.name !== name && !observed.containers.some(other => other.name === name)
}

function keptReplica(
  context: Context,
  serviceName: string,
  service: Service,
  { container, obsolete, adapted }: Judged,
  wanted: Wanted,
): Replica {
  const wantedName = containerName(context.project.name, serviceName, service, container.number)
  const isReplaced = obsolete !== undefined && obsolete.guard === undefined
  const rename =
    !isReplaced &&
    (isTemporaryName(container.name, wantedName) ||
      (wanted.policy !== 'never' && isMisnamed(context, container, wantedName)))
  // One that stays keeps the name that it has (`--no-recreate`).
  const name = obsolete === undefined && !rename ? container.name : wantedName
  const removeFirst = [...wanted.volumes.values()].some(({ removed }) => removed.has(container.id))
  return {
    number: container.number,
    name,
    existing: container,
    obsolete,
    adapted,
    removeFirst,
    beside: obsolete !== undefined && !removeFirst && canRunBeside(context, service, container, wanted),
    rename,
    ref: refOf(name, isReplaced ? undefined : container.id, obsolete !== undefined),
  }
}

/** One that does not serve is replaced as by any order, and who has to leave a network is stopped for that. */
function canRunBeside(
  { options }: Context,
  service: Service,
  container: ObservedContainer,
  { networks }: Wanted,
): boolean {
  const isOurs = container.extensions !== undefined
  const runs = container.state === 'running' && (container.relief ?? 'serving') === 'serving'
  const isDetached = [...networks.values()].some(({ detached }) => detached.has(container.id))
  return isStartFirst(service) && isOurs && runs && !isDetached && options.start !== false
}

function newReplica(context: Context, serviceName: string, service: Service, number: number): Replica {
  const name = containerName(context.project.name, serviceName, service, number)
  return {
    number,
    name,
    existing: undefined,
    obsolete: undefined,
    adapted: [],
    removeFirst: false,
    beside: false,
    rename: false,
    ref: refOf(name, undefined, true),
  }
}
