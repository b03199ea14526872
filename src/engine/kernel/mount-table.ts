import type { MountEntry } from '../../linux/mountinfo.ts'
import type { MountAttribute } from '../../native/index.ts'
import { isWithin } from '../archive/location.ts'
import { claim, hasNoName, isKernels, type MountWorld, REMOVED } from './mount-claims.ts'
import type { WantedMount } from './wanted-mounts.ts'

/** One mount that is otherwise than it was made, and what puts it right. */
export interface MountFinding {
  readonly target: string
  readonly aspect: 'mount' | 'options' | 'size'
  readonly want: string
  readonly got: string
  /** What is there instead has no name any more: it goes with the container. */
  readonly isRemoved?: true
  readonly wanted: WantedMount
  readonly fix: /** It is put there anew; `over`: what is there instead. */
    | { readonly kind: 'put'; readonly over: MountEntry | undefined }
    /** What somebody has mounted over it, or around it, is taken away, the topmost first. */
    | { readonly kind: 'uncover'; readonly covers: readonly MountEntry[] }
    | {
        readonly kind: 'change'
        readonly at: MountEntry
        readonly attributes: readonly MountAttribute[]
        readonly cleared: readonly MountAttribute[]
        readonly options: readonly string[]
      }
}

/** Attributes that are held against what was asked for; of times of access the kernel has its own mind. */
const HELD: readonly MountAttribute[] = ['ro', 'nosuid', 'nodev', 'noexec']

/** What the table of a container's mounts has otherwise than it was made. Mounts that nobody asked for count only where they hide one that was. */
export function compareMounts(
  wanted: readonly WantedMount[],
  entries: readonly MountEntry[],
  world: MountWorld,
): MountFinding[] {
  const claims = claim(wanted, entries, world)
  const claimed = new Set(claims.values())
  const tree = treeOf(entries)
  return wanted.flatMap(each => {
    const entry = claims.get(each)
    if (entry === undefined) return missing(each, tree, claimed, world)
    const seen = visible(tree, entry.mountpoint)
    // What else was asked for may lie over it.
    const covers = coversOf(seen, { entries, entry, claimed })
    if (seen !== undefined && covers.length > 0) return [covered(each, seen, covers)]
    return [...optionsOf(each, entry, world), ...sizeOf(each, entry)]
  })
}

/** Mounts by what they are mounted on. */
interface MountTree {
  readonly root: MountEntry | undefined
  /** By the number of a mount, those with the shortest path first. */
  readonly on: ReadonlyMap<number, readonly MountEntry[]>
}

function treeOf(entries: readonly MountEntry[]): MountTree {
  const ids = new Set(entries.map(({ id }) => id))
  const root = entries.find(({ parent, id }) => !ids.has(parent) || parent === id)
  const on = new Map<number, MountEntry[]>()
  for (const entry of entries) {
    const beside = on.get(entry.parent)
    if (beside === undefined) on.set(entry.parent, [entry])
    else beside.push(entry)
  }
  for (const each of on.values()) each.sort((a, b) => a.mountpoint.length - b.mountpoint.length)
  return { root, on }
}

/** The mount that a path shows, as a walk from the root comes to it. */
function visible({ root, on }: MountTree, path: string): MountEntry | undefined {
  const below = (at: MountEntry): MountEntry | undefined =>
    on.get(at.id)?.find(each => each !== at && isWithin(path, each.mountpoint))
  let at = root
  for (let next = at; next !== undefined; next = below(next)) at = next
  return at
}

/** What lies over a mount that nobody asked for, from the topmost down to the first that somebody did. */
function coversOf(
  seen: MountEntry | undefined,
  {
    entries,
    entry,
    claimed,
  }: { entries: readonly MountEntry[]; entry: MountEntry; claimed: ReadonlySet<MountEntry> },
): MountEntry[] {
  if (seen === undefined || seen === entry || claimed.has(seen)) return []
  const below = entries.find(({ id }) => id === seen.parent && id !== seen.id)
  return [seen, ...coversOf(below, { entries, entry, claimed })]
}

function missing(
  wanted: WantedMount,
  tree: MountTree,
  claimed: ReadonlySet<MountEntry>,
  { kernelPath }: MountWorld,
): MountFinding[] {
  const { target, optional } = wanted
  if (optional && !(isKernels(wanted) && kernelPath(target) !== undefined)) return []
  const seen = visible(tree, target)
  const instead = seen?.mountpoint === target && !claimed.has(seen) ? seen : undefined
  return [
    {
      target,
      aspect: 'mount',
      want: describe(wanted),
      got: instead === undefined ? 'not mounted' : told(instead),
      ...(instead !== undefined && hasNoName(instead) ? { isRemoved: true } : {}),
      wanted,
      fix: { kind: 'put', over: instead },
    },
  ]
}

function covered(wanted: WantedMount, seen: MountEntry, covers: readonly MountEntry[]): MountFinding {
  const got = `hidden by ${told(seen)} at ${seen.mountpoint}`
  const fix = { kind: 'uncover', covers } as const
  return { target: wanted.target, aspect: 'mount', want: describe(wanted), got, wanted, fix }
}

function optionsOf(wanted: WantedMount, entry: MountEntry, { placeOf }: MountWorld): MountFinding[] {
  const { target, attributes, of } = wanted
  const lacks = HELD.filter(each => attributes.includes(each) && !entry.attributes.includes(each))
  const isReadonly = entry.attributes.includes('ro') && !attributes.includes('ro')
  // What is to be read alone, a clone of what the host has read-only.
  const isHosts =
    of.kind === 'any' || isKernels(wanted) || (of.kind === 'bind' && placeOf(of.source)?.isReadonly !== false)
  const cleared: MountAttribute[] = isReadonly && !isHosts ? ['ro'] : []
  if (lacks.length === 0 && cleared.length === 0) return []
  return [
    {
      target,
      aspect: 'options',
      want: lacks.length > 0 ? lacks.join(',') : 'rw',
      got: lacks.length > 0 ? `without ${lacks.join(',')}` : 'ro',
      wanted,
      fix: { kind: 'change', at: entry, attributes: lacks, cleared, options: [] },
    },
  ]
}

/** The kernel tells whole kilobytes, and keeps whole pages. */
function sizeOf(wanted: WantedMount, entry: MountEntry): MountFinding[] {
  const { target, of } = wanted
  if (of.kind !== 'fresh' || of.size === undefined) return []
  const want = Math.ceil(of.size / 4096) * 4
  const [, got] = /^size=(\d+)k$/.exec(entry.options.find(each => each.startsWith('size=')) ?? '') ?? []
  // The size that a tmpfs has of itself is not told.
  if (got === undefined || Number(got) === want) return []
  const options = [`size=${of.size}`]
  const fix = { kind: 'change', at: entry, attributes: [], cleared: [], options } as const
  return [{ target, aspect: 'size', want: `${want}k`, got: `${got}k`, wanted, fix }]
}

function describe({ of }: WantedMount): string {
  switch (of.kind) {
    case 'bind':
      return of.source
    case 'fresh':
      return of.type
    case 'mask':
      return 'masked'
    case 'readonly':
      return 'read-only'
    case 'fuse':
      return "the container's own numbers"
    default:
      return 'mounted'
  }
}

function told({ type, root, device }: MountEntry): string {
  if (hasNoName({ root })) return `${root.slice(0, -REMOVED.length)}, which was removed`
  return root === '/' ? type : `${root} of ${device} (${type})`
}
