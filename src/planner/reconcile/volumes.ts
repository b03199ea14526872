import { Failure } from '../../diagnostics/index.ts'
import type { Volume } from '../../model/index.ts'
import type { Change } from '../core/operation.ts'
import { byName, volumeNamed } from '../observed/find.ts'
import type { ObservedContainer, ObservedVolume } from '../observed/observed.ts'
import { volumeLabels } from '../project/labels.ts'
import { located } from '../project/located.ts'
import { compareText } from '../spec/canonical.ts'
import { normaliseVolume } from '../spec/normalise.ts'
import { compareHidden } from '../spec/secrets.ts'
import { compareSpec, specOf } from '../spec/stored.ts'
import type { Context } from './context.ts'
import { addRemove, addStop, removeIdOf } from './steps.ts'

/** What becomes of a volume of the file. */
export interface VolumeDecision {
  readonly name: string
  readonly after: readonly string[]
  /** The plan removes it, and before it these containers, by id: they are made anew after it. */
  readonly removed: ReadonlySet<string>
}

const NONE: ReadonlySet<string> = new Set()

/** Plans volumes: missing ones are made; diverged ones are left, and reported, unless their loss is agreed to; by key. */
export function reconcileVolumes(
  context: Context,
  images: readonly string[],
): ReadonlyMap<string, VolumeDecision> {
  const decisions = new Map<string, VolumeDecision>()
  // Several keys may stand for one volume: what the first of them decides goes for all.
  const byVolume = new Map<string, VolumeDecision>()
  const volumes = Object.entries(context.project.model.volumes ?? {})
  for (const [key, volume] of volumes.sort(([a], [b]) => compareText(a, b))) {
    const decision =
      (volume.external === true ? undefined : byVolume.get(volume.name)) ??
      decide(context, key, volume, images)
    if (volume.external !== true) byVolume.set(volume.name, decision)
    decisions.set(key, decision)
  }
  return decisions
}

function decide(context: Context, key: string, volume: Volume, images: readonly string[]): VolumeDecision {
  const found = volumeNamed(context.observed, volume.name)
  const base = { name: volume.name, after: [], removed: NONE }
  if (volume.external === true) {
    if (found === undefined) throw externalNotFound(context, key, volume.name)
    return base
  }
  if (found === undefined)
    return { ...base, after: [addCreate(context, key, volume, 'volume is missing', [], images)] }
  if (found.project !== context.observed.project) {
    context.builder.warn(
      found.project === '' ? 'VOLUME_NOT_FROM_COMPOSE' : 'VOLUME_OF_OTHER_PROJECT',
      `volume "${volume.name}" exists already and was not made for project "${context.project.name}"`,
      'mark it "external: true" to use it without this warning',
    )
    return base
  }
  const changes = found.configHash === '' ? [] : compareVolume(found, volume)
  if (changes.length === 0) return base
  const { recreateVolumes = [] } = context.options
  const isAgreed = recreateVolumes === 'all' || recreateVolumes.includes(volume.name)
  const users = usersOf(context, volume.name)
  if (!isAgreed || isNeededElsewhere(context, volume.name, users)) {
    context.builder.divergedVolume({ name: volume.name, changes })
    return base
  }
  const after = [replace(context, key, volume, { users, changes, images })]
  return { ...base, after, removed: new Set(users.map(({ id }) => id)) }
}

/** Options may hold a password (of a share): their values are the engine's, since no label has them. */
function compareVolume(found: ObservedVolume, volume: Volume): Change[] {
  const spec = specOf(normaliseVolume(volume))
  return [
    ...compareSpec(found.configHash, found.spec, spec),
    ...compareHidden('driver_opts', found.options, spec.hidden),
  ]
}

/** Containers of services that are not selected would be removed and not come back. */
function isNeededElsewhere(context: Context, volume: string, users: readonly ObservedContainer[]): boolean {
  const { model, disabledServices } = context.project
  const isOfFile = (name: string): boolean =>
    model.services[name] !== undefined || disabledServices[name] !== undefined
  const other = users.find(({ service }) => isOfFile(service) && !context.set.byName.has(service))
  if (other === undefined) return false
  context.builder.warn(
    'VOLUME_USED_ELSEWHERE',
    `volume "${volume}" is left as it is: container "${other.name}" of service "${other.service}", which is not selected, uses it`,
  )
  return true
}

interface Replacement {
  readonly users: readonly ObservedContainer[]
  readonly changes: readonly Change[]
  readonly images: readonly string[]
}

function replace(
  context: Context,
  key: string,
  volume: Volume,
  { users, changes, images }: Replacement,
): string {
  const { name } = volume
  const gone = users.map(container => {
    const step = { cause: `volume "${name}" is recreated`, action: 'recreate', after: images } as const
    const stop = addStop(context, container, container.name, step)
    const id = removeIdOf(container)
    if (context.builder.has(id)) return id
    return addRemove(context, container, container.name, {
      ...step,
      after: stop === undefined ? images : [stop],
    })
  })
  const cause = 'volume is not as the file wants it'
  const remove = context.builder.add({
    type: 'removeVolume',
    id: `volume:${name}:remove`,
    after: [...gone, ...images],
    resource: { kind: 'volume', name },
    action: 'recreate',
    cause,
    changes,
  })
  return addCreate(context, key, volume, cause, changes, [remove])
}

/** Containers of the project that mount the volume. */
function usersOf(context: Context, volume: string): ObservedContainer[] {
  return context.observed.containers
    .filter(container => container.mounts.some(mount => mount.type === 'volume' && mount.name === volume))
    .sort(byName)
}

function addCreate(
  context: Context,
  key: string,
  volume: Volume,
  cause: string,
  changes: readonly Change[],
  after: readonly string[],
): string {
  return context.builder.add({
    type: 'createVolume',
    id: `volume:${volume.name}:create`,
    after,
    resource: { kind: 'volume', name: volume.name },
    action: changes.length === 0 ? 'create' : 'recreate',
    cause,
    changes,
    volume,
    labels: volumeLabels(context.project.name, key, volume),
  })
}

function externalNotFound({ project }: Context, key: string, name: string): Error {
  return new Failure('notFound', [
    {
      ...located(project, ['volumes', key]),
      code: 'EXTERNAL_VOLUME_NOT_FOUND',
      summary: `volume "${name}" is declared as external, but does not exist`,
      hint: 'create it, or remove "external: true"',
    },
  ])
}
