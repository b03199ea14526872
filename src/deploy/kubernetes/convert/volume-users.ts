import type { Mount, Path } from '../../../model/index.ts'
import { type Subject, subjectOf } from './context.ts'
import type { PodGroup } from './groups.ts'

/** A mount as one service has it, and where that stands. */
export interface OwnMount {
  readonly mount: Mount
  readonly path: Path
  /** The service that wrote it: another one's for `volumes_from`. */
  readonly service: string
}

/** All mounts of a service, those of services in `volumes_from` before its own, which win at the same place. */
export function mountsOf(subject: Subject, seen: ReadonlySet<string> = new Set()): OwnMount[] {
  const { context, service, name, path } = subject
  const inherited = (service.volumes_from ?? []).flatMap(text => {
    const source = subjectOf(context, text.replace(/:(?:ro|rw)$/, ''))
    if (source === undefined || seen.has(source.name)) return []
    const readOnly = text.endsWith(':ro') ? { read_only: true } : {}
    return mountsOf(source, new Set([...seen, name])).map(each => ({
      ...each,
      mount: { ...each.mount, ...readOnly },
    }))
  })
  const own = (service.volumes ?? []).map((mount, index) => ({
    mount,
    path: [...path, 'volumes', index],
    service: name,
  }))
  const targets = new Set(own.map(({ mount }) => mount.target))
  return [...inherited.filter(({ mount }) => !targets.has(mount.target)), ...own]
}

/** A named volume that a pod has. */
export interface VolumeUse {
  readonly volume: string
  readonly readOnly: boolean
  readonly path: Path
}

const known = new WeakMap<PodGroup, readonly VolumeUse[]>()

/** The named volumes of all services in a pod: looked for once, since each volume asks all pods. */
export function namedVolumesOf(group: PodGroup): readonly VolumeUse[] {
  const found = known.get(group) ?? volumesIn(group)
  known.set(group, found)
  return found
}

function volumesIn({ members }: PodGroup): VolumeUse[] {
  return members.flatMap(member =>
    mountsOf(member).flatMap(({ mount, path }) =>
      mount.type === 'volume' && mount.source !== undefined
        ? [{ volume: mount.source, readOnly: mount.read_only === true, path }]
        : [],
    ),
  )
}

/** The pods that have a volume. */
export function usersOf(groups: readonly PodGroup[], volume: string): PodGroup[] {
  return groups.filter(group => namedVolumesOf(group).some(use => use.volume === volume))
}
