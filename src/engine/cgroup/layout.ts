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

interface Mount {
  readonly mountpoint: string
  readonly type: string
  readonly options: readonly string[]
}

/**
 * Finds the layout in the text of `/proc/self/mountinfo`. The first mount of a hierarchy counts: distributions mount
 * each once, and later ones are bind mounts for something else.
 */
export function parseLayout(mountinfo: string): CgroupLayout {
  const mounts = mountinfo.split('\n').flatMap(parseLine)
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

/** `36 35 98:0 / /mnt rw,noatime master:1 - ext3 /dev/root rw,errors=continue` (proc_pid_mountinfo(5)). */
function parseLine(line: string): Mount[] {
  const [before = '', after = ''] = line.split(' - ')
  const mountpoint = before.split(' ')[4]
  const [type, , options] = after.split(' ')
  if (mountpoint === undefined || type === undefined) return []
  return [{ mountpoint: decodeOctal(mountpoint), type, options: (options ?? '').split(',') }]
}

/** The kernel writes space, tab, newline and backslash as octal. */
function decodeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
