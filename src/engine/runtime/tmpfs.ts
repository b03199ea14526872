import { failure } from '../../diagnostics/index.ts'
import type { MountAttribute } from '../../native/index.ts'
import type { TmpfsMount } from './spec.ts'

/** Words of `tmpfs: /run:exec,size=1m` that are attributes of the mount. `null` takes the default away. */
const FLAGS: Readonly<Record<string, readonly [MountAttribute, boolean] | null>> = {
  ro: ['ro', true],
  rw: ['ro', false],
  suid: ['nosuid', false],
  nosuid: ['nosuid', true],
  dev: ['nodev', false],
  nodev: ['nodev', true],
  exec: ['noexec', false],
  noexec: ['noexec', true],
  noatime: ['noatime', true],
  strictatime: ['strictatime', true],
  // What the kernel does anyway, or what has no meaning for a tmpfs.
  relatime: null,
  diratime: null,
  async: null,
  defaults: null,
  rprivate: null,
  private: null,
}

const AMOUNT = /^\d{1,19}[kmgtpe]?$/i
const ID = /^\d{1,10}$/
/** Keys of the file system, with what the kernel takes for each (tmpfs(5)), and that in words. */
const VALUES: Readonly<Record<string, readonly [RegExp, string]>> = {
  size: [/^\d{1,19}[kmgtpe%]?$/i, 'a size as 64m, or a part of the memory as 10%'],
  mode: [/^[0-7]{1,5}$/, 'an octal number'],
  uid: [ID, 'a number'],
  gid: [ID, 'a number'],
  nr_inodes: [AMOUNT, 'a number'],
  nr_blocks: [AMOUNT, 'a number'],
  huge: [/^(never|always|within_size|advise)$/, 'never, always, within_size or advise'],
}

/** Attributes of a tmpfs: nosuid, nodev and noexec unless a word says otherwise; the last word wins. */
export function tmpfsAttributes(mount: TmpfsMount): MountAttribute[] {
  const attributes = new Set<MountAttribute>(['nosuid', 'nodev', 'noexec'])
  if (mount.readonly) attributes.add('ro')
  for (const word of mount.options ?? []) {
    const flag = FLAGS[word]
    if (!flag) continue
    if (flag[1]) attributes.add(flag[0])
    else attributes.delete(flag[0])
  }
  return [...attributes]
}

/**
 * Options of the file system itself. Only tmpfs's own keys with plain values pass: the words come from the user and go
 * to the kernel. Without a mode it has that of the folder that it covers. Fails with `TMPFS_OPTION_INVALID`.
 */
export function tmpfsOptions(mount: TmpfsMount): string[] {
  const values = new Map<string, string>()
  for (const word of mount.options ?? []) {
    if (word in FLAGS) continue
    const [key = '', value] = word.split(/=(.*)/s)
    const rule = VALUES[key]
    if (rule === undefined || value === undefined)
      throw wrongOption(key, `unknown tmpfs option ${JSON.stringify(word)} at ${mount.target}`)
    const [takes, want] = rule
    if (!takes.test(value))
      throw wrongOption(word, `tmpfs option ${JSON.stringify(word)} at ${mount.target}: want ${want}`)
    values.set(key, value)
  }
  if (mount.size !== undefined) values.set('size', String(mount.size))
  if (mount.mode !== undefined) values.set('mode', mount.mode.toString(8))
  if (mount.uid !== undefined) values.set('uid', String(mount.uid))
  if (mount.gid !== undefined) values.set('gid', String(mount.gid))
  return [...values].map(([key, value]) => `${key}=${value}`)
}

function wrongOption(option: string, summary: string): Error {
  return failure({
    code: 'TMPFS_OPTION_INVALID',
    kind: 'invalidArgument',
    summary,
    facts: { option },
    hint: 'known are size, mode, uid, gid, nr_inodes, nr_blocks, huge, ro, rw, exec, noexec, suid, nosuid, dev, nodev, noatime',
  })
}
