import { failure } from '../../diagnostics/index.ts'
import type { Volume } from '../../model/index.ts'
import { volumeLabels } from '../labels.ts'
import type { ObservedContainer, ObservedVolume } from '../observed.ts'
import type { Change } from '../operation.ts'
import { compareText } from '../spec/canonical.ts'
import { normaliseVolume } from '../spec/normalise.ts'
import { compareSpec, specOf } from '../spec/stored.ts'
import { byName, type Context, volumeNamed } from './context.ts'
import { addRemove, addStop } from './steps.ts'

/** What becomes of a volume of the file. */
export interface VolumeDecision {
  readonly name: string
  readonly after: readonly string[]
  /** The plan removes it and its containers first: those are made anew after it. */
  readonly renewed: boolean
}

/** Plans volumes: missing ones are made; diverged ones are left, and reported, unless their loss is agreed to; by key. */
export function reconcileVolumes(
  context: Context,
  images: readonly string[],
): ReadonlyMap<string, VolumeDecision> {
  const volumes = context.project.model.volumes ?? {}
  const decisions = Object.keys(volumes)
    .sort(compareText)
    .map((key): [string, VolumeDecision] => [key, decide(context, key, volumes[key] as Volume, images)])
  return new Map(decisions)
}

function decide(context: Context, key: string, volume: Volume, images: readonly string[]): VolumeDecision {
  const found = volumeNamed(context.observed, volume.name)
  const base = { name: volume.name, after: [], renewed: false }
  if (volume.external === true) {
    if (found === undefined) throw externalNotFound(volume.name)
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
  const changes =
    found.configHash === '' ? [] : compareSpec(found.configHash, found.spec, specOf(normaliseVolume(volume)))
  if (changes.length === 0) return base
  const { recreateVolumes = [] } = context.options
  if (recreateVolumes !== 'all' && !recreateVolumes.includes(volume.name)) {
    context.builder.divergedVolume({ name: volume.name, changes })
    return base
  }
  return { ...base, after: [replace(context, key, volume, found, changes, images)], renewed: true }
}

function replace(
  context: Context,
  key: string,
  volume: Volume,
  found: ObservedVolume,
  changes: readonly Change[],
  images: readonly string[],
): string {
  const cause = `volume "${found.name}" is recreated`
  const gone = usersOf(context, found.name).map(container => {
    const step = { cause, action: 'recreate', after: images } as const
    const stop = addStop(context, container, container.name, step)
    const id = `container:${container.name}:remove`
    if (context.builder.has(id)) return id
    return addRemove(context, container, container.name, {
      ...step,
      after: stop === undefined ? images : [stop],
    })
  })
  const remove = context.builder.add({
    type: 'removeVolume',
    id: `volume:${found.name}:remove`,
    after: [...gone, ...images],
    resource: { kind: 'volume', name: found.name },
    action: 'recreate',
    cause: 'volume is not as the file wants it',
    changes,
  })
  return addCreate(context, key, volume, 'volume is not as the file wants it', changes, [remove])
}

/** Containers of the project that mount the volume. */
export function usersOf(context: Context, volume: string): ObservedContainer[] {
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

function externalNotFound(name: string): Error {
  return failure({
    kind: 'notFound',
    code: 'EXTERNAL_VOLUME_NOT_FOUND',
    summary: `volume "${name}" is declared as external, but does not exist`,
    hint: 'create it, or remove "external: true"',
  })
}
