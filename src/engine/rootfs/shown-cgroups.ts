import type { InsideOp, MountAttribute, Slot } from '../../native/index.ts'
import { labelled } from './overlay.ts'

/** What control groups a container is shown: the layout of its own groups. */
export interface ShownCgroups {
  readonly version: 1 | 2
  /** Each v1 hierarchy that the container is in. */
  readonly v1: readonly ShownHierarchy[]
  /** There is a v2 tree; its slot as of a v1 hierarchy. */
  readonly unified?: { readonly slot?: Slot }
}

/** A v1 hierarchy as a container is shown it. */
export interface ShownHierarchy {
  /** `['cpu', 'cpuacct']`, `['name=systemd']`. */
  readonly controllers: readonly string[]
  /** A bind of the container's own group there, made before; without it a mount is made, which begins at the root of the cgroup namespace. */
  readonly slot?: Slot
}

const ROOT = '/sys/fs/cgroup'

/**
 * Mounts the container's groups at /sys/fs/cgroup. In its own cgroup namespace each mount begins at its own group, so
 * that neither names nor limits of others show; with the host's, its own groups alone show on v1, as with Docker, and all on v2. On v1 a tmpfs holds the hierarchies, read-only in the end (Docker
 * leaves it writable).
 */
export function mountCgroups(
  shown: ShownCgroups,
  access: readonly MountAttribute[],
  label?: string,
): InsideOp[] {
  if (shown.version === 2) {
    return shown.unified !== undefined
      ? [{ op: 'mount', type: 'cgroup2', attributes: access, target: ROOT, ignore: GONE }]
      : []
  }
  if (shown.v1.length === 0) return []
  return [
    {
      op: 'mount',
      type: 'tmpfs',
      options: ['mode=0755', 'size=64k'],
      attributes: ['nosuid', 'nodev', 'noexec'],
      target: ROOT,
      ...labelled(label),
    },
    ...shown.v1.flatMap(hierarchy => showHierarchy(hierarchy, access)),
    ...(shown.unified === undefined
      ? []
      : [showGroup({ type: 'cgroup2' }, `${ROOT}/unified`, access, shown.unified.slot)]),
    { op: 'setAttributes', path: ROOT, attributes: access },
  ]
}

/** ENOENT, EBUSY, ENODEV, EINVAL: the kernel does not offer this hierarchy (any more); seeing it is no need. */
const GONE = [2, 16, 19, 22]

function showHierarchy({ controllers, slot }: ShownHierarchy, access: readonly MountAttribute[]): InsideOp[] {
  const [first = ''] = controllers
  const named = first.startsWith('name=')
  const folder = named ? first.slice('name='.length) : controllers.join(',')
  const target = `${ROOT}/${folder}`
  const options = named ? ['none', first] : controllers
  const mount = showGroup({ type: 'cgroup', options }, target, access, slot)
  if (controllers.length < 2) return [mount]
  const links = controllers.map(
    (controller): InsideOp => ({ op: 'symlink', path: `${ROOT}/${controller}`, target: folder }),
  )
  return [mount, ...links]
}

function showGroup(
  made: { readonly type: string; readonly options?: readonly string[] },
  target: string,
  attributes: readonly MountAttribute[],
  slot: Slot | undefined,
): InsideOp {
  return slot === undefined
    ? { op: 'mount', ...made, attributes, target, ignore: GONE }
    : { op: 'moveMount', slot, target, create: 'folder' }
}
