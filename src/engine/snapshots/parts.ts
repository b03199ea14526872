import { basename, dirname } from 'node:path'
import type { LeftOut } from '../../api/types/index.ts'
import type { Container } from '../state/container.ts'
import type { MountRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import { PROJECT, projectOf, SERVICE } from '../state/project.ts'
import { hasFileSystem, isBound, type VolumeRecord } from '../state/volume-record.ts'

/** What of a project a snapshot is made of, or put back into. */
export interface Parts {
  /** All of the project, one-offs too. */
  readonly containers: readonly Container[]
  readonly volumes: readonly { readonly key: string; readonly volume: VolumeRecord }[]
  readonly roots: readonly {
    readonly service: string
    readonly number: string
    readonly container: Container
  }[]
  /** What is not of it, although the project uses it. */
  readonly left: readonly LeftOut[]
}

/** Looks a project's parts up; what is not its own stays out: files of the host, memory, servers, and other projects' volumes. */
export function partsOf(engine: Pick<EngineContext, 'containers' | 'volumes'>, project: string): Parts {
  const containers = [...engine.containers.values()].filter(each => projectOf(each) === project)
  const roots = containers.flatMap(container => {
    const { service, number, isOneOff } = placeOf(container)
    return service === '' || isOneOff ? [] : [{ service, number, container }]
  })
  const anonymous = namelessOf(engine, roots, project)
  const named = engine.volumes.values().flatMap(volume => {
    const key = volume.labels['com.docker.compose.volume']
    const isOwn = volume.labels[PROJECT] === project
    return isOwn && key !== undefined ? [{ key, volume }] : []
  })
  const own = [...named, ...anonymous]
  const volumes = own.filter(({ volume }) => leftOutAs(volume) === undefined)
  const taken = new Set(volumes.map(({ volume }) => volume.name))
  return { containers, volumes, roots, left: leftOf(engine, containers, own, taken) }
}

/**
 * Volumes that were made without a name for the project, by the place of each; one that several mount (`volumes_from`) by that of who mounts it himself.
 * A replacement takes its predecessor's over by their names.
 */
function namelessOf(
  { volumes }: Pick<EngineContext, 'volumes'>,
  roots: Parts['roots'],
  project: string,
): Parts['volumes'] {
  const mounted = roots.flatMap(({ service, number, container }) =>
    container.record.mounts.flatMap(mount => {
      const volume = mount.type === 'volume' ? volumes.find(mount.name ?? '') : undefined
      if (volume === undefined || !isMadeFor(project, volume, container, mount)) return []
      return [{ key: `${service}/${number}:${mount.destination}`, volume, borrowed: mount.noCopy === true }]
    }),
  )
  const byName = new Map<string, Parts['volumes'][number]>()
  for (const { key, volume } of mounted.sort((a, b) => Number(a.borrowed) - Number(b.borrowed)))
    if (!byName.has(volume.name)) byName.set(volume.name, { key, volume })
  return [...byName.values()]
}

/** Of one whose record does not tell, as of an older engine, as `down -v` has it: the container's own, or taken over with a name that nobody gave. */
function isMadeFor(
  project: string,
  volume: VolumeRecord,
  { record: { config } }: Container,
  { name = '', anonymous }: MountRecord,
): boolean {
  if (volume.project !== undefined) return volume.project === project
  const isReplacement = config.Labels?.['com.docker.compose.replace'] !== undefined
  return anonymous === true || (isReplacement && /^[0-9a-f]{64}$/.test(name))
}

/** Why a volume that is the project's own is no part of it: its files are not the engine's. */
function leftOutAs(volume: VolumeRecord): LeftOut['Kind'] | undefined {
  if (isBound(volume.options)) return 'bind'
  return volume.base === undefined && hasFileSystem(volume) ? 'filesystem' : undefined
}

function leftOf(
  engine: Pick<EngineContext, 'volumes'>,
  containers: readonly Container[],
  own: Parts['volumes'],
  taken: ReadonlySet<string>,
): LeftOut[] {
  const volumes = own.flatMap(({ volume }) => {
    const Kind = leftOutAs(volume)
    return Kind === undefined ? [] : [{ Kind, Name: volume.name }]
  })
  const mounted = containers.flatMap(({ name, record }) =>
    record.mounts.flatMap((mount): LeftOut[] => {
      if (mount.type === 'bind') return [{ Kind: 'bind', Name: mount.source }]
      if (mount.type === 'tmpfs') return [{ Kind: 'tmpfs', Name: `${name}:${mount.destination}` }]
      const volume = mount.type === 'volume' ? engine.volumes.find(mount.name ?? '') : undefined
      const isOwn = own.some(each => each.volume.name === mount.name)
      return volume === undefined || isOwn || taken.has(volume.name)
        ? []
        : [{ Kind: 'external', Name: volume.name }]
    }),
  )
  return [...new Map([...volumes, ...mounted].map(each => [`${each.Kind} ${each.Name}`, each])).values()]
}

function placeOf({ record: { config } }: Container): {
  readonly service: string
  readonly number: string
  readonly isOneOff: boolean
} {
  const labels = config.Labels ?? {}
  return {
    service: labels[SERVICE] ?? '',
    number: labels['com.docker.compose.container-number'] ?? '1',
    isOneOff: labels['com.docker.compose.oneoff'] === 'True',
  }
}

/** What a container's own files lie above, whatever image that is: the same build has another id in each project. */
export async function layersOf(
  { images }: Pick<EngineContext, 'images'>,
  { record }: Container,
): Promise<string[]> {
  return (await images.layersOf(record.imageId)).map(folder => basename(dirname(folder)))
}
