import { basename, dirname } from 'node:path'
import type { LeftOut } from '../../api/types/index.ts'
import type { Container } from '../state/container.ts'
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
  const anonymous = roots.flatMap(({ service, number, container }) =>
    container.record.mounts.flatMap(({ name, anonymous: isAnonymous, destination }) => {
      const volume = isAnonymous === true ? engine.volumes.find(name ?? '') : undefined
      return volume === undefined ? [] : [{ key: `${service}/${number}:${destination}`, volume }]
    }),
  )
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
