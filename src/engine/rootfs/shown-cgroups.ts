import type { InsideOp, MountAttribute } from '../../native/index.ts'

/** What control groups a container is shown: the layout of its own groups. */
export interface ShownCgroups {
  readonly version: 1 | 2
  /** Controllers of each v1 hierarchy that the container is in: `['cpu', 'cpuacct']`, `['name=systemd']`. */
  readonly v1: readonly (readonly string[])[]
  /** There is a v2 tree. */
  readonly unified: boolean
}

const ROOT = '/sys/fs/cgroup'

/**
 * Mounts the container's groups at /sys/fs/cgroup. In its own cgroup namespace each mount begins at its own group, so
 * that neither names nor limits of others show. On v1 a tmpfs holds the hierarchies, read-only in the end (Docker
 * leaves it writable).
 */
export function mountCgroups(shown: ShownCgroups, access: readonly MountAttribute[]): InsideOp[] {
  if (shown.version === 2) {
    return shown.unified
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
    },
    ...shown.v1.flatMap(controllers => mountHierarchy(controllers, access)),
    ...(shown.unified
      ? [
          {
            op: 'mount',
            type: 'cgroup2',
            attributes: access,
            target: `${ROOT}/unified`,
            ignore: GONE,
          } satisfies InsideOp,
        ]
      : []),
    { op: 'setAttributes', path: ROOT, attributes: access },
  ]
}

/** ENOENT, EBUSY, ENODEV, EINVAL: the kernel does not offer this hierarchy (any more); seeing it is no need. */
const GONE = [2, 16, 19, 22]

function mountHierarchy(controllers: readonly string[], access: readonly MountAttribute[]): InsideOp[] {
  const [first = ''] = controllers
  const named = first.startsWith('name=')
  const folder = named ? first.slice('name='.length) : controllers.join(',')
  const mount: InsideOp = {
    op: 'mount',
    type: 'cgroup',
    options: named ? ['none', first] : controllers,
    attributes: access,
    target: `${ROOT}/${folder}`,
    ignore: GONE,
  }
  if (controllers.length < 2) return [mount]
  const links = controllers.map(
    (controller): InsideOp => ({ op: 'symlink', path: `${ROOT}/${controller}`, target: folder }),
  )
  return [mount, ...links]
}
