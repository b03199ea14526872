/** One line of `/proc/<pid>/mountinfo` (proc_pid_mountinfo(5)). */
export interface MountEntry {
  readonly id: number
  /** What it is mounted on. */
  readonly parent: number
  /** `8:1`: of the file system. */
  readonly device: string
  /** What of the file system is its top; ends with `//deleted` where that has no name any more. */
  readonly root: string
  readonly mountpoint: string
  /** Of this mount alone: `ro`, `nosuid` … */
  readonly attributes: readonly string[]
  /** To whom mounts below are told: `shared:7`, `master:3`; none for a private mount. */
  readonly propagation: readonly string[]
  /** Type of the file system. */
  readonly type: string
  /** Options of the super block. */
  readonly options: readonly string[]
}

/** All mounts in the order of the text; of several at one point the last is the one that shows. */
export function parseMountinfo(text: string): MountEntry[] {
  return text.split('\n').flatMap(line => {
    const [before = '', after = ''] = line.split(' - ')
    const [id, parent, device = '', root = '', mountpoint, attributes = '', ...propagation] =
      before.split(' ')
    const [type, , options] = after.split(' ')
    if (mountpoint === undefined || type === undefined) return []
    return [
      {
        id: Number(id),
        parent: Number(parent),
        device,
        root: decodeOctal(root),
        mountpoint: decodeOctal(mountpoint),
        attributes: attributes.split(','),
        propagation,
        type,
        options: (options ?? '').split(','),
      },
    ]
  })
}

/** The kernel writes space, tab, newline and backslash as octal. */
function decodeOctal(text: string): string {
  return text.includes('\\')
    ? text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
    : text
}
