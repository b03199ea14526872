import { existsSync } from 'node:fs'
import type { MountRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import type { MountRequest } from '../terms/mount-request.ts'
import { type InheritedMounts, type MountTerms, mergeByDestination } from '../terms/mounts.ts'
import { ensureVolume } from '../volumes/create.ts'
import { newId } from '../words/ids.ts'
import type { Filling } from './fill.ts'
import { sourceMissing } from './prepare.ts'

/** The mounts of other containers; they give way to the request's own. */
function mountsFromOthers(engine: EngineContext, inherited: readonly InheritedMounts[]): MountRequest[] {
  return inherited.flatMap(({ reference, readonly }) =>
    engine.containers.resolve(reference).record.mounts.map(mount => requestOf(mount, readonly)),
  )
}

function requestOf(mount: MountRecord, readonly: boolean): MountRequest {
  const { name, source, anonymous: _, ...rest } = mount
  return {
    ...rest,
    source: mount.type === 'volume' ? (name ?? '') : source,
    readonly: readonly || mount.readonly,
    // Only who mounts a volume himself has it filled.
    noCopy: true,
    weak: true,
  }
}

/** A container that is being made. */
export interface Making extends Filling {
  /** Its project, if it is of one. */
  readonly project?: string | undefined
  /** Names of the volumes that were made for it. */
  readonly volumes: string[]
}

/** Decides every mount: makes the volumes that are missing and looks up images. Both are held for `making`, which gets what to undo. */
export async function decideMounts(
  engine: EngineContext,
  { own, inherited }: MountTerms,
  making: Making,
): Promise<MountRecord[]> {
  // Of what is weak the last one counts: the image's own anonymous volumes give way to what is inherited.
  const requests = mergeByDestination([
    ...own.filter(request => request.weak === true),
    ...mountsFromOthers(engine, inherited),
    ...own.filter(request => request.weak !== true),
  ])
  const mounts: MountRecord[] = []
  for (const request of requests) mounts.push(await decideMount(engine, request, making))
  return mounts.sort((a, b) => (a.destination < b.destination ? -1 : 1))
}

async function decideMount(
  engine: EngineContext,
  request: MountRequest,
  making: Making,
): Promise<MountRecord> {
  const { volumeLabels, volumeOptions, weak: _, ...rest } = request
  if (request.type === 'image') {
    const hold = (id: string): void => engine.holds.add(making.id, `image:${id}`)
    const image = await engine.images.use(request.source, hold)
    return { ...rest, type: 'image', source: (image ?? (await engine.images.inspect(request.source))).id }
  }
  // As with Docker: nothing is made of a container that could not start.
  if (request.type === 'bind' && request.createSource !== true && !existsSync(request.source))
    throw sourceMissing(request.source)
  if (request.type !== 'volume') return { ...rest, type: request.type }
  const anonymous = request.source === ''
  const name = anonymous ? newId() : request.source
  const known = engine.volumes.find(name) !== undefined
  engine.holds.add(making.id, `volume:${name}`)
  const volume = ensureVolume(engine, {
    name,
    anonymous,
    project: making.project,
    labels: volumeLabels ?? {},
    options: volumeOptions ?? {},
  })
  if (!known) making.volumes.push(name)
  return {
    ...rest,
    type: 'volume',
    name,
    source: engine.volumes.dataOf(volume),
    ...(anonymous ? { anonymous: true } : {}),
  }
}
