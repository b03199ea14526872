/** One line of `/proc/<pid>/mountinfo` (proc_pid_mountinfo(5)). */
export interface MountEntry {
  readonly mountpoint: string
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
    const [, , , , mountpoint, , ...propagation] = before.split(' ')
    const [type, , options] = after.split(' ')
    if (mountpoint === undefined || type === undefined) return []
    return [{ mountpoint: decodeOctal(mountpoint), propagation, type, options: (options ?? '').split(',') }]
  })
}

/** The kernel writes space, tab, newline and backslash as octal. */
function decodeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
