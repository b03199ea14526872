import { failure } from '../../diagnostics/index.ts'
import type { MountRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import { type MountRequest, mergeByDestination } from '../terms/mounts.ts'
import { ensureVolume } from '../volumes/create.ts'
import { newId } from '../words/ids.ts'

/** The mounts of other containers that `VolumesFrom` names; they give way to the request's own. */
function mountsFromOthers(engine: EngineContext, volumesFrom: readonly string[]): MountRequest[] {
  return volumesFrom.flatMap(text => {
    const [reference = '', mode = 'rw'] = text.split(':')
    if (mode !== 'ro' && mode !== 'rw') {
      throw failure({
        code: 'MOUNT_INVALID',
        kind: 'invalidArgument',
        summary: `volumes from "${text}": want ro or rw`,
      })
    }
    return engine.containers.resolve(reference).record.mounts.map(mount => requestOf(mount, mode === 'ro'))
  })
}

function requestOf(mount: MountRecord, readonly: boolean): MountRequest {
  const { name, source, anonymous: _, ...rest } = mount
  return {
    ...rest,
    source: mount.type === 'volume' ? (name ?? '') : source,
    readonly: readonly || mount.readonly,
    weak: true,
  }
}

/** A container that is being made. */
export interface Making {
  readonly id: string
  /** Names of the volumes that were made for it. */
  readonly volumes: string[]
}

/** Decides every mount: makes the volumes that are missing and looks up images. Both are held for `making`, which gets what to undo. */
export async function decideMounts(
  engine: EngineContext,
  own: readonly MountRequest[],
  volumesFrom: readonly string[],
  making: Making,
): Promise<MountRecord[]> {
  // What is inherited precedes the image's own anonymous volumes, which are weak too.
  const requests = mergeByDestination([
    ...own.filter(request => request.weak !== true),
    ...mountsFromOthers(engine, volumesFrom),
    ...own.filter(request => request.weak === true),
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
  if (request.type !== 'volume') return { ...rest, type: request.type }
  const anonymous = request.source === ''
  const name = anonymous ? newId() : request.source
  const known = engine.volumes.find(name) !== undefined
  engine.holds.add(making.id, `volume:${name}`)
  const volume = ensureVolume(engine, {
    name,
    anonymous,
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
