import { hasOwnNetwork, type Project, type Service } from '../../model/index.ts'
import type { Change } from '../core/operation.ts'
import type { AppliedExtension, Observed, ObservedContainer } from '../observed/observed.ts'
import type { ContainerLink } from '../plan/operation.ts'
import { budgetOf } from '../project/budget.ts'
import { LABEL } from '../project/labels.ts'
import { placeOfChange } from '../project/located.ts'
import { imageMountReference } from '../project/names.ts'
import { compareText } from '../spec/canonical.ts'
import { revealChange } from '../spec/reveal.ts'
import {
  compareFiles,
  compareHidden,
  compareSecrets,
  fileValues,
  type SecretValues,
} from '../spec/secrets.ts'
import { compareSpec, type Spec, specLabel } from '../spec/stored.ts'
import { DRIFTED, driftChange } from './drift.ts'
import { endpointChanges } from './endpoint-terms.ts'
import { heldBy, holdersOf } from './held.ts'
import { hotFields, toldReach } from './hot.ts'
import { type ImageDecision, imageGuard } from './images.ts'
import { linkText, oldLinksChanged } from './links.ts'
import type { NetworkDecision } from './networks.ts'
import type { RecreatePolicy } from './options.ts'
import { outlives, type ParentFate } from './parents.ts'
import type { Obsolete } from './replica.ts'
import type { VolumeDecision } from './volumes.ts'

/** What a container is held against. */
export interface Wanted {
  readonly project: Project
  readonly observed: Observed
  readonly serviceName: string
  readonly service: Service
  readonly spec: Spec
  readonly secrets: SecretValues
  readonly image: ImageDecision
  readonly networks: ReadonlyMap<string, NetworkDecision>
  /** What it calls others. */
  readonly links: readonly ContainerLink[]
  readonly volumes: ReadonlyMap<string, VolumeDecision>
  readonly parents: readonly ParentFate[]
  readonly policy: RecreatePolicy
}

/** `hot`: what it gets in any case, while it runs. */
type Check = (container: ObservedContainer, wanted: Wanted, hot?: Obsolete) => Obsolete | undefined

/** Reasons to replace a container, the first that holds is named; those with a guard come last. */
const CHECKS: readonly Check[] = [
  reliefCutOff,
  parentReplaced,
  specChanged,
  extensionMissing,
  budgetMissing,
  imageChanged,
  imageVolumesChanged,
  networkMissing,
  oldLinksChanged,
  volumeMissing,
  drifted,
  parentMayBeReplaced,
  imageMayChange,
]

/** What becomes of a container. */
export interface Verdict {
  /** Why it has to be replaced; undefined if it may stay. */
  readonly obsolete: Obsolete | undefined
  /** What differs, where it stays and gets all of that while it runs. */
  readonly adapted: readonly Change[]
}

/** Whether the container has to be replaced, and what changes of one that has not. */
export function judge(container: ObservedContainer, wanted: Wanted): Verdict {
  const renewed = volumeRenewed(container, wanted)
  if (renewed !== undefined) return { obsolete: renewed, adapted: [] }
  if (wanted.policy === 'never') return { obsolete: undefined, adapted: [] }
  if (wanted.policy === 'force') return { obsolete: { cause: 'recreate forced', changes: [] }, adapted: [] }
  const spec = specChanged(container, wanted)
  const misjoined = misjoinedNow(container, wanted, spec)
  const changed = container.state === 'running' ? bothOf(spec, misjoined) : spec
  const hot = changed && adaptableFields(container, wanted, changed)
  const isHot = hot !== undefined
  for (const check of CHECKS) {
    if (check === networkMissing && hot?.has('EndpointsConfig')) continue
    const obsolete =
      check === specChanged
        ? isHot
          ? undefined
          : changed
        : check(container, wanted, isHot ? changed : undefined)
    // One that may be replaced is replaced for its ports, too.
    if (obsolete !== undefined)
      return { obsolete: isHot && obsolete.guard !== undefined ? changed : obsolete, adapted: [] }
  }
  return { obsolete: undefined, adapted: (isHot ? changed : misjoined)?.changes ?? [] }
}

/** What somebody has changed of its endpoints; a difference of the file's that is about them brings all of them. */
function misjoinedNow(
  container: ObservedContainer,
  { service, networks, links }: Wanted,
  spec: Obsolete | undefined,
): Obsolete | undefined {
  const { state, adapts = [] } = container
  if (!['running', 'exited', 'created'].includes(state)) return undefined
  if (state === 'running' && !adapts.includes('EndpointsConfig')) return undefined
  if (spec?.changes.some(({ path }) => /^(networks|links|external_links|mac_address)\b/.test(path)))
    return undefined
  const changes = endpointChanges(container, service, networks, links.map(linkText))
  return changes.length === 0
    ? undefined
    : { cause: 'it is not joined as the file says', changes: changes.map(hotChange) }
}

const hotChange = (change: Change): Change => ({ ...change, reach: { kind: 'hot' } })

function bothOf(one: Obsolete | undefined, other: Obsolete | undefined): Obsolete | undefined {
  return one === undefined || other === undefined
    ? (one ?? other)
    : { ...one, changes: [...one.changes, ...other.changes] }
}

/**
 * The fields in which the container is to be another while it runs on; undefined where what differs takes a new one. A fixed address that
 * another container of the project has is handed over by new ones, and who is stopped for the sake of a network joins no others meanwhile.
 */
function adaptableFields(
  container: ObservedContainer,
  { observed, service, networks, spec }: Wanted,
  { changes }: Obsolete,
): ReadonlySet<string> | undefined {
  if (container.state !== 'running') return undefined
  if (container.spec === undefined || specLabel(spec) === undefined) return undefined
  const fields = hotFields(changes, container, service)
  if (fields?.has('EndpointsConfig') !== true) return fields
  const isStopped = ({ detached, restarted }: NetworkDecision): boolean =>
    detached.has(container.id) || restarted.has(container.id)
  if (!hasOwnNetwork(service) || [...networks.values()].some(isStopped)) return undefined
  const others = observed.containers.filter(each => each !== container)
  return holdersOf({ ...service, ports: [] }, networks, heldBy(others)).size === 0 ? fields : undefined
}

/** It runs without names and ports, and nobody is there any more whom it could take them from. */
function reliefCutOff({ relief }: ObservedContainer): Obsolete | undefined {
  if (relief !== 'waiting') return undefined
  return { cause: 'left over from a replacement that was cut off', changes: [] }
}

function parentReplaced(container: ObservedContainer, { parents }: Wanted): Obsolete | undefined {
  for (const parent of parents) {
    if (parent.fate === 'new' && !outlives(container, parent))
      return { cause: `it uses ${parent.attribute} of "${parent.service}", which is replaced`, changes: [] }
    if (parent.id !== undefined && container.parents.length > 0 && !container.parents.includes(parent.id))
      return {
        cause: `it uses ${parent.attribute} of a container of "${parent.service}" that is gone`,
        changes: [],
      }
  }
  return undefined
}

function specChanged(container: ObservedContainer, wanted: Wanted): Obsolete | undefined {
  const { spec, project, service } = wanted
  const files = fileValues(project, service)
  const secrets = without(wanted.secrets, files)
  const changes = [
    ...compareSpec(container.configHash, container.spec, spec),
    // An engine without annotations keeps no key to digests.
    ...(container.sealed === undefined
      ? compareHidden('environment', container.environment, secrets)
      : compareSecrets(container.sealed, secrets)),
    // One that does not run will read what is there then, and another engine's is told of nothing.
    ...(container.state === 'running' && container.adapts !== undefined
      ? compareFiles(container.sealed, files, service['x-tscompose']?.on_change)
      : []),
  ].map(change => ({
    ...revealChange(change, container, wanted),
    reach: toldReach(change, container, service),
    ...placeOfChange(wanted.project, wanted.serviceName, change.path),
  }))
  return changes.length === 0 ? undefined : { cause: 'configuration changed', changes }
}

function without(values: SecretValues, others: SecretValues): SecretValues {
  return Object.fromEntries(Object.entries(values).filter(([path]) => others[path] === undefined))
}

const ASKED: Readonly<Record<AppliedExtension, (extension: NonNullable<Service['x-tscompose']>) => boolean>> =
  {
    egress: ({ egress }) => egress !== undefined,
    host_access: ({ host_access }) => host_access === true,
    probe: ({ probe }) => probe !== undefined,
    publish: ({ publish }) => publish === 'proxy',
    sleep: ({ sleep }) => sleep !== undefined,
  }

/** Its labels tell what the file said, not what was applied: by DOCKER_HOST our engine is asked for what Docker has alone. */
function extensionMissing(
  { extensions }: ObservedContainer,
  { service: { 'x-tscompose': asked } }: Wanted,
  hot?: Obsolete,
): Obsolete | undefined {
  if (extensions === undefined || asked === undefined) return undefined
  const names = Object.keys(ASKED) as AppliedExtension[]
  const isComing = (name: AppliedExtension): boolean =>
    (hot?.changes ?? []).some(({ path }) => 'x-tscompose' === path || isWithin(path, `x-tscompose.${name}`))
  const missing = names.filter(name => ASKED[name](asked) && !extensions.includes(name) && !isComing(name))
  if (missing.length === 0) return undefined
  return {
    cause: 'it was made as by a Docker Engine, without what is ours alone',
    changes: missing.map(name => ({ path: `x-tscompose.${name}`, from: undefined, to: 'applied' })),
  }
}

function isWithin(path: string, whole: string): boolean {
  return path === whole || path.startsWith(`${whole}.`)
}

/** A group cannot move while somebody is in it. */
function budgetMissing({ labels }: ObservedContainer, { project }: Wanted): Obsolete | undefined {
  if (budgetOf(project) === undefined || labels[LABEL.budget] !== undefined) return undefined
  return { cause: 'it does not share the limits of the project', changes: [] }
}

function imageChanged(container: ObservedContainer, { image }: Wanted): Obsolete | undefined {
  if (image.digest === undefined || container.imageDigest === image.digest) return undefined
  const change = { path: 'image', from: shortDigest(container.imageDigest), to: shortDigest(image.digest) }
  return { cause: 'image changed', changes: [change] }
}

/** `type: image` mounts hold the digests of their images; only compared when all of them are known. */
function imageVolumesChanged(container: ObservedContainer, wanted: Wanted): Obsolete | undefined {
  const digests = imageVolumeDigests(wanted)
  const from = container.labels[LABEL.imageVolumes]
  if (digests === undefined || from === undefined || digests === from) return undefined
  return { cause: 'image of a mount changed', changes: [{ path: 'volumes', from, to: digests }] }
}

/** Value of the label `image-volume-digest`; undefined without such mounts, or while one of the images is not here. */
export function imageVolumeDigests(
  wanted: Pick<Wanted, 'project' | 'observed' | 'service'>,
): string | undefined {
  const mounts = (wanted.service.volumes ?? []).filter(mount => mount.type === 'image')
  if (mounts.length === 0) return undefined
  const parts = mounts.map(mount => {
    const digest = wanted.observed.images[imageMountReference(wanted.project, mount.source ?? '')]?.digest
    return digest === undefined ? undefined : `${mount.target}=${digest}`
  })
  return parts.includes(undefined) ? undefined : parts.sort().join(',')
}

/** Not attached to what it should be, or to one of that name which is gone; an engine may tell the id of none before the first start. */
function networkMissing(container: ObservedContainer, { service, networks }: Wanted): Obsolete | undefined {
  if (service.network_mode !== undefined) return undefined
  for (const key of Object.keys(service.networks ?? {}).sort(compareText)) {
    const network = networks.get(key)
    if (network === undefined || network.detached.has(container.id)) continue
    const attachment = container.networks.find(({ name }) => name === network.name)
    const isOther = network.id === undefined || (attachment?.id !== '' && attachment?.id !== network.id)
    if (attachment !== undefined && !isOther) continue
    return {
      cause: `it is not attached to network "${network.name}"`,
      changes: [{ path: `networks.${key}`, ...otherNetwork(network, attachment) }],
    }
  }
  return undefined
}

/** Of two networks with one name the ids are told, of one that is joined anew the name. */
function otherNetwork(
  { id, name }: { readonly id: string | undefined; readonly name: string },
  attachment: ObservedContainer['networks'][number] | undefined,
): Pick<Change, 'from' | 'to'> {
  const from = attachment === undefined ? undefined : shortDigest(attachment.id)
  if (id === undefined) return { from, to: 'new' }
  return { from, to: from === undefined ? name : shortDigest(id) }
}

/** A volume that it uses is remade, for which it is removed: whatever the policy, it has to come back. */
function volumeRenewed(container: ObservedContainer, { volumes }: Wanted): Obsolete | undefined {
  const volume = [...volumes.values()].find(({ removed }) => removed.has(container.id))
  return volume === undefined ? undefined : { cause: `volume "${volume.name}" is recreated`, changes: [] }
}

function volumeMissing(container: ObservedContainer, { service, volumes }: Wanted): Obsolete | undefined {
  for (const mount of service.volumes ?? []) {
    if (mount.type !== 'volume' || mount.source === undefined) continue
    const volume = volumes.get(mount.source)
    if (volume === undefined) continue
    const found = container.mounts.find(({ target }) => target === mount.target)
    if (found?.name === volume.name) continue
    return {
      cause: `it does not mount volume "${volume.name}"`,
      changes: [{ path: `volumes[${mount.target}]`, from: found?.name, to: volume.name }],
    }
  }
  return undefined
}

/** The cause where an update of the engine's has changed what the file says. */
export const UPDATED = 'it was changed since it was made'

function drifted(container: ObservedContainer): Obsolete | undefined {
  const drift = container.drift.filter(({ repair }) => repair === 'recreate')
  if (drift.length === 0) return undefined
  return {
    cause: drift.every(({ field }) => field !== undefined) ? UPDATED : DRIFTED,
    changes: drift.map(driftChange),
  }
}

function parentMayBeReplaced(container: ObservedContainer, { parents }: Wanted): Obsolete | undefined {
  const parent = parents.find(each => each.guard !== undefined && !outlives(container, each))
  if (parent?.guard === undefined) return undefined
  return { cause: `it uses ${parent.attribute} of "${parent.service}"`, changes: [], guard: parent.guard }
}

function imageMayChange(container: ObservedContainer, { image }: Wanted): Obsolete | undefined {
  if (image.digest !== undefined) return undefined
  return { cause: 'image may change', changes: [], guard: imageGuard(image, container.imageDigest) }
}

function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12)
}
