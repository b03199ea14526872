import type { MountEntry } from '../../linux/mountinfo.ts'
import type { AskMountsOp } from '../../native/index.ts'
import type { Container } from '../state/container.ts'
import type { Live } from '../state/live.ts'
import type { RunningMade } from './made.ts'
import type { WantedMount } from './wanted-mounts.ts'

/** A table of mounts as a look has found it: the same object while it is as it was. */
export interface TableSeen {
  readonly round: number
  /** True: it is as the run has begun with it. */
  readonly untouched?: true
}

/** Sizes of file systems, which change without a change of the table: where, by which mount, and how many bytes. */
export interface Sized {
  readonly place: string
  /** 0 where it is not known, and the table says that nobody has come since. */
  readonly mount: number
  readonly size: bigint
}

/**
 * What is known of a container's table of mounts. The kernel tells of a change once, whoever asks: so looks are counted, and that nothing has
 * changed is believed only behind a look by which all was right. One that was under way beside it, that failed, or that found something, may have
 * heard of a change that it has not told.
 */
export class MountWatch {
  #round = 0
  #known: { round: number; readonly table: TableSeen; readonly sized: readonly Sized[] } | undefined

  /** Whether nobody has looked at it, so that no change has been told to anybody. */
  get isNew(): boolean {
    return this.#round === 0
  }

  /** Begins a look; `first`: the sizes that a table begins with which nobody has looked at. */
  ask(
    { live }: Container,
    { process }: RunningMade,
    first: readonly Sized[] = [],
  ): { readonly op: AskMountsOp; readonly round: number } {
    this.#round += 1
    const sized = this.#known?.sized ?? first
    const { monitorPid = 0, monitorStartTime = 0n, mountsFd: fd = 0 } = live?.status ?? {}
    const places = sized.map(({ place }) => place)
    const mounts = sized.map(({ mount }) => mount)
    const op = {
      op: 'askMounts',
      monitorPid,
      monitorStartTime,
      fd,
      pid: process.pid,
      places,
      mounts,
    } as const
    return { op, round: this.#round }
  }

  /** What a look was told; undefined where it failed. */
  hear(round: number, answer: Buffer | undefined): TableSeen {
    const known = this.#known
    if (known?.round !== round - 1 || answer === undefined || !isAsKnown(known.sized, answer))
      return { round }
    known.round = round
    return known.table
  }

  /** As `hear`, of the first look, by which all else is as the run has begun with it. Who looks beside it may have heard of a change. */
  hearFirst(round: number, answer: Buffer | undefined, first: readonly Sized[]): TableSeen {
    if (this.#round !== 1 || answer === undefined || !isAsKnown(first, answer))
      return this.hear(round, answer)
    const table = { round, untouched: true } as const
    this.#known = { round, table, sized: first }
    return table
  }

  /** By these entries, which were read behind that look, nothing was otherwise. */
  keep(table: TableSeen, wanted: readonly WantedMount[], entries: readonly MountEntry[]): void {
    const sized = sizedOf(wanted, entries)
    if (sized !== undefined && table.round === this.#round) this.#known = { round: table.round, table, sized }
  }
}

function isAsKnown(sized: readonly Sized[], answer: Buffer): boolean {
  return (
    answer.length === (sized.length + 1) * 8 &&
    sized.every(({ size }, at) => answer.readBigUInt64LE((at + 1) * 8) === size)
  )
}

/** Undefined where the table does not say all: mounts of other namespaces, and such whose place a link has led elsewhere. */
function sizedOf(wanted: readonly WantedMount[], entries: readonly MountEntry[]): Sized[] | undefined {
  const sized: Sized[] = []
  for (const { of, target } of wanted) {
    if (of.kind === 'any') return undefined
    if (of.kind !== 'fresh' || of.size === undefined) continue
    const entry = entries.findLast(({ mountpoint, type }) => mountpoint === target && type === of.type)
    if (entry === undefined) return undefined
    const told = entry.options.find(each => each.startsWith('size='))
    // The size that a tmpfs has of itself is not told.
    if (told !== undefined)
      sized.push({ place: target, mount: entry.id, size: BigInt(/\d+/.exec(told)?.[0] ?? 0) * 1024n })
  }
  return sized
}

/** The sizes that a container's file systems begin with; undefined where it is not known what it has mounted. */
export function firstSizes(wanted: readonly WantedMount[]): readonly Sized[] | undefined {
  if (wanted.some(({ of }) => of.kind === 'any')) return undefined
  return wanted.flatMap(({ of, target: place }) =>
    of.kind === 'fresh' && of.type === 'tmpfs' && of.size !== undefined
      ? [{ place, mount: 0, size: BigInt(Math.ceil(of.size / PAGE) * PAGE) }]
      : [],
  )
}

const PAGE = 4096

const watches = new WeakMap<
  Live,
  { readonly pid: number; readonly startTime: bigint; readonly watch: MountWatch }
>()

/** That of the present run of a container. */
export function mountWatchOf(
  { live }: Pick<Container, 'live'>,
  { process }: Pick<RunningMade, 'process'>,
): MountWatch {
  const known = live && watches.get(live)
  if (known?.pid === process.pid && known.startTime === process.startTime) return known.watch
  const watch = new MountWatch()
  if (live !== undefined) watches.set(live, { ...process, watch })
  return watch
}
