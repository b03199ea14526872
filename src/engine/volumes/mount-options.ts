/** What mount(2) takes of a volume's option `o`: flags, and what is the file system's own. */
export interface MountOptions {
  /** MS_* of mount(2). */
  readonly flags: number
  readonly data: string
}

/** Words for all file systems, and the flag of <linux/mount.h> that each sets. */
const SETS: ReadonlyMap<string, number> = new Map([
  ['ro', 1],
  ['nosuid', 2],
  ['nodev', 4],
  ['noexec', 8],
  ['sync', 16],
  ['remount', 32],
  ['mand', 64],
  ['dirsync', 128],
  ['noatime', 1024],
  ['nodiratime', 2048],
  ['bind', 4096],
  ['rbind', 4096 + 16384],
  ['relatime', 1 << 21],
  ['strictatime', 1 << 24],
])

/** Words that clear a flag. */
const CLEARS: ReadonlyMap<string, number> = new Map([
  ['defaults', 0],
  ['rw', 1],
  ['suid', 2],
  ['dev', 4],
  ['exec', 8],
  ['async', 16],
  ['nomand', 64],
  ['atime', 1024],
  ['diratime', 2048],
  ['norelatime', 1 << 21],
  ['nostrictatime', 1 << 24],
])

/**
 * Parts the words for all file systems from the others, which go to the file system as they are. Of two that contradict
 * each other the last one counts.
 */
export function parseMountOptions(o: string): MountOptions {
  let flags = 0
  const data: string[] = []
  for (const word of o.split(',').filter(each => each !== '')) {
    const set = SETS.get(word)
    const cleared = CLEARS.get(word)
    if (set !== undefined) flags |= set
    else if (cleared !== undefined) flags &= ~cleared
    else data.push(word)
  }
  return { flags, data: data.join(',') }
}
