import type { MountEntry } from '../../linux/mountinfo.ts'
import type { WantedMount } from './wanted-mounts.ts'

/** Where a path of the host lies: which file system, and where in it. */
export interface HostPlace {
  readonly device: string
  readonly root: string
  /** The host itself has it read-only. */
  readonly isReadonly: boolean
}

/** What the world says beside the container's own table of mounts. */
export interface MountWorld {
  /** Undefined for what is not there. */
  readonly placeOf: (source: string) => HostPlace | undefined
  /** A path of /proc or /sys with its links followed; undefined for what this kernel does not have. */
  readonly kernelPath: (path: string) => string | undefined
}

/** Which entry is which wanted mount: at its own place first, then wherever a link has led it. Of several the oldest: what came later covers it. */
export function claim(
  wanted: readonly WantedMount[],
  entries: readonly MountEntry[],
  world: MountWorld,
): Map<WantedMount, MountEntry> {
  const claims = new Map<WantedMount, MountEntry>()
  const free = new Set(entries)
  const whole = { entries, ...world }
  const take = (each: WantedMount, fits: (entry: MountEntry) => boolean): void => {
    for (const entry of free) {
      if (!fits(entry) || !isIt(each, entry, whole)) continue
      claims.set(each, entry)
      free.delete(entry)
      return
    }
  }
  for (const each of wanted) {
    const place = isKernels(each) ? (world.kernelPath(each.target) ?? each.target) : each.target
    take(each, entry => entry.mountpoint === place)
  }
  const places = new Set(wanted.map(({ target }) => target))
  for (const each of wanted)
    if (!claims.has(each) && !isKernels(each)) take(each, ({ mountpoint }) => !places.has(mountpoint))
  return claims
}

/** Whether an entry is what was asked for, whatever its place and attributes. */
function isIt(
  { of, target }: WantedMount,
  entry: MountEntry,
  { placeOf, entries }: Pick<MountWorld, 'placeOf'> & { readonly entries: readonly MountEntry[] },
): boolean {
  switch (of.kind) {
    case 'any':
      return entry.mountpoint === target
    case 'overlay':
      return entry.type === 'overlay' || entry.mountpoint === target
    case 'fuse':
      return entry.type.startsWith('fuse')
    case 'fresh':
      return entry.type === of.type && (entry.mountpoint === target || of.type === 'tmpfs')
    case 'readonly':
      return target.endsWith(entry.root)
    case 'mask':
      return isMask(entry, entries)
    case 'bind': {
      const place = placeOf(of.source)
      if (place?.device === entry.device && place.root === entry.root) return true
      return !of.exact && entry.mountpoint === target && !hasNoName(entry)
    }
    default:
      return of satisfies never
  }
}

/** It lies over something of the kernel's. */
export function isKernels({ of: { kind } }: WantedMount): boolean {
  return kind === 'mask' || kind === 'readonly' || kind === 'fuse'
}

/** The null device, or the empty tmpfs. What a container does to the name of its own device, in its own /dev, takes no mask away. */
function isMask({ type, root, attributes, device }: MountEntry, entries: readonly MountEntry[]): boolean {
  if (type === 'tmpfs' && root === '/') return attributes.includes('ro')
  const dev = entries.find(({ mountpoint }) => mountpoint === '/dev')
  return device === dev?.device || /\/null(\/\/deleted)?$/.test(root)
}

export const REMOVED = '//deleted'

/** Somebody has removed it: it goes with its last mount. */
export function hasNoName({ root }: Pick<MountEntry, 'root'>): boolean {
  return root.endsWith(REMOVED)
}
