import { parseMountinfo } from '../../linux/mountinfo.ts'

/** One mounted v1 hierarchy: `cpu,cpuacct` is one with two controllers, `name=systemd` one with none. */
export interface Hierarchy {
  /** Controllers, or the single word `name=…`. */
  readonly controllers: readonly string[]
  readonly mountpoint: string
}

/** Where this machine has its control groups. */
export interface CgroupLayout {
  /** 2 when no v1 controller is mounted: then `unified` holds the controllers. */
  readonly version: 1 | 2
  readonly v1: readonly Hierarchy[]
  /** Mountpoint of the v2 tree, with controllers or (hybrid) without. */
  readonly unified?: string
}

/** Options of a v1 cgroup super block that are not controllers. */
const NOT_CONTROLLERS = new Set([
  'rw',
  'ro',
  'xattr',
  'noprefix',
  'clone_children',
  'cpuset_v2_mode',
  'favordynmods',
])

/**
 * Finds the layout in the text of `/proc/self/mountinfo`. The first mount of a hierarchy counts: distributions mount
 * each once, and later ones are bind mounts for something else.
 */
export function parseLayout(mountinfo: string): CgroupLayout {
  const mounts = parseMountinfo(mountinfo)
  const v1: Hierarchy[] = []
  const seen = new Set<string>()
  for (const mount of mounts) {
    if (mount.type !== 'cgroup') continue
    const controllers = mount.options.filter(
      option => !NOT_CONTROLLERS.has(option) && (!option.includes('=') || option.startsWith('name=')),
    )
    const key = controllers.join(',')
    if (key === '' || seen.has(key)) continue
    seen.add(key)
    v1.push({ controllers, mountpoint: mount.mountpoint })
  }
  const unified = mounts.find(mount => mount.type === 'cgroup2')?.mountpoint
  const hasControllers = v1.some(hierarchy => !hierarchy.controllers[0]?.startsWith('name='))
  return {
    version: hasControllers || unified === undefined ? 1 : 2,
    v1,
    ...(unified === undefined ? {} : { unified }),
  }
}
