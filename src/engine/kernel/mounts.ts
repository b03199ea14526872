import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Drift } from '../../api/types/index.ts'
import { type MountEntry, parseMountinfo } from '../../linux/mountinfo.ts'
import { type InsideOp, nativeErrorOf, placesInside } from '../../native/index.ts'
import { isWithin } from '../archive/location.ts'
import { writeEtcFiles } from '../endpoints/etc-files.ts'
import { joinedOf } from '../endpoints/joined.ts'
import type { Container } from '../state/container.ts'
import { ETC_FILES } from '../state/paths.ts'
import { type Facts, factsOf, mountTable } from './facts.ts'
import { hostMounts, kernelPath, placeOn, resolveAll } from './host-places.ts'
import { type Made, may } from './made.ts'
import { compareMounts, type MountFinding } from './mount-table.ts'
import { mountWatchOf } from './mount-watch.ts'
import type { ContainerSight, Thing } from './thing.ts'
import { givenMounts, mountedOf, programOf, type WantedMount } from './wanted-mounts.ts'

/** All that a container has mounted, as it was made: what is there, of what, how, and what hides it. */
export const MOUNTS: Thing<ContainerSight> = {
  paths: ['mount'],
  // A file that is bound may be another by now, or have no name any more: no table changes by that.
  basis: ({ made, seen, engine }) =>
    made?.spec && seen?.sources?.length
      ? [made, seen.table, seen.sources, placesOf(made, givenMounts(made.spec, engine.host))]
      : undefined,
  untouched: ({ seen }) => seen?.untouched === true,
  async observe(sight) {
    const facts = factsOf(sight)
    if (facts === undefined) return undefined
    const found = await findingsOf(sight, facts)
    if (found === undefined) return undefined
    const told = async (finding: MountFinding): Promise<Drift> =>
      (await isOfOtherKind(sight, facts, finding)) ? asOtherKind(finding) : driftOf(sight.container, finding)
    return await Promise.all(found.map(told))
  },
  async repair(sight, drift) {
    const facts = factsOf(sight)
    if (facts === undefined) return
    const found = (await findingsOf(sight, facts)) ?? []
    const mended = found.filter(each => drift.some(({ Path }) => Path === pathOf(each)))
    await restoreSources(sight, mended)
    for (const finding of mended) await mend(sight, facts, finding)
  },
}

function driftOf(container: Container, finding: MountFinding): Drift {
  const repair = repairOf(container, finding)
  const drift = { Path: pathOf(finding), Want: finding.want, Got: finding.got }
  if (repair === undefined) return { ...drift, Got: `${drift.Got}, and mounted by a start alone` }
  if (repair === 'place') return { ...drift, Repair: repair }
  return { ...drift, Got: `${drift.Got}: what it holds goes with the container`, Repair: repair }
}

/** Its source was a folder and is a file by now, or the other way round: no mount of it goes where the old one is, and were that taken away first, nothing would be there. */
async function isOfOtherKind(
  { engine }: ContainerSight,
  { process }: Facts,
  { fix, wanted: { of } }: MountFinding,
): Promise<boolean> {
  if (fix.kind !== 'put' || fix.over === undefined || of.kind !== 'bind') return false
  const isFolder = statSync(of.source, { throwIfNoEntry: false })?.isDirectory()
  if (isFolder === undefined) return false
  const [inside] =
    (await engine.looks.ask([{ op: 'statInside', pid: process.pid, paths: [fix.over.mountpoint] }])) ?? []
  const [place] = inside === undefined ? [] : placesInside(inside)
  return place !== undefined && place.isFolder !== isFolder
}

function asOtherKind(finding: MountFinding): Drift {
  const { want, got } = finding
  const told = `${got}: a file and a folder do not take each other's place while the container runs`
  return { Path: pathOf(finding), Want: want, Got: told, Repair: 'none' }
}

function pathOf({ target, aspect }: MountFinding): string {
  return aspect === 'mount' ? `mount.${target}` : `mount.${target}.${aspect}`
}

/** What only the first process of new namespaces can mount: its processes, its numbers. So are its root and its devices. */
const BORN = ['proc', 'fuse']

function repairOf(
  container: Container,
  { fix, isRemoved, wanted: { of, target } }: MountFinding,
): Drift['Repair'] {
  if (fix.kind !== 'put') return 'place'
  if (BORN.includes(of.kind === 'fresh' ? of.type : of.kind) || ['/', '/dev'].includes(target))
    return undefined
  if (of.kind !== 'bind' || etcFileOf(container, of.source) !== undefined) return 'place'
  // What the container has is all that is left of it; who has files of a volume open must not go on with others beside them.
  const isVolume = container.record.mounts.some(
    ({ type, source }) => type === 'volume' && source === of.source,
  )
  return existsSync(of.source) && !(isVolume && isRemoved) ? 'place' : 'none'
}

/** A file of the engine's, which it can write anew. */
function etcFileOf({ paths }: Container, source: string): string | undefined {
  return ETC_FILES.find(name => source === join(paths.etc, name))
}

/** Undefined where it has ended. */
async function findingsOf(
  { engine, container, seen }: ContainerSight,
  facts: Facts,
): Promise<readonly MountFinding[] | undefined> {
  // Who may mount has its mounts to itself.
  if (may(facts, 'SYS_ADMIN')) return []
  const wanted = mountedOf(facts.spec, engine.host).mounts
  const table = mountTable(facts.process)
  if (table === undefined) return undefined
  const entries = parseMountinfo(table)
  const compare = (resolved: ReadonlyMap<string, string | undefined>): MountFinding[] =>
    compareMounts(wanted, entries, {
      placeOf: source => {
        const path = resolved.has(source) ? resolved.get(source) : source
        return path === undefined ? undefined : placeOn(hostMounts(), path)
      },
      kernelPath,
    })
  const found = compare(new Map())
  const sources = found.flatMap(({ wanted: { of } }) => (of.kind === 'bind' ? [of.source] : []))
  // Only where it matters: sources are links, or lie on a server that does not answer.
  const all = sources.length === 0 ? found : compare(await resolveAll(sources))
  if (all.length === 0 && seen !== undefined) mountWatchOf(container, facts).keep(seen.table, wanted, entries)
  return all
}

const places = new WeakMap<Made, { readonly on: readonly MountEntry[]; readonly text: string }>()

/** Where the host has what is bound, found anew where its table of mounts is another. */
function placesOf(made: Made, wanted: readonly WantedMount[]): string {
  const on = hostMounts()
  const known = places.get(made)
  if (known?.on === on) return known.text
  const found = wanted.map(({ of }) => (of.kind === 'bind' ? placeOn(on, of.source) : undefined))
  const text = JSON.stringify(found)
  places.set(made, { on, text })
  return text
}

/** Files of the engine's that somebody has removed are written anew before they are mounted. */
async function restoreSources(
  { engine, container }: ContainerSight,
  found: readonly MountFinding[],
): Promise<void> {
  const isLost = found.some(
    ({ fix, wanted: { of } }) =>
      fix.kind === 'put' &&
      of.kind === 'bind' &&
      etcFileOf(container, of.source) !== undefined &&
      !existsSync(of.source),
  )
  if (isLost) writeEtcFiles(engine, container, joinedOf(engine, container))
}

async function mend({ engine }: ContainerSight, facts: Facts, finding: MountFinding): Promise<void> {
  const { native } = engine
  const { process, spec } = facts
  const enter = (mapped: boolean) => ({ op: 'enter', ...process, mapped }) as const
  const { fix } = finding
  switch (fix.kind) {
    case 'change': {
      const { kind: _change, at, ...change } = fix
      const inside = [{ op: 'changeMount', ...atMount(at), ...change }] as const
      await unlessGone(native.run({ outside: [enter(false)], inside }))
      return
    }
    case 'uncover':
      // One by one: what lies on several is told of each, and is gone by the second.
      for (const cover of fix.covers)
        await unlessGone(
          native.run({ outside: [enter(false)], inside: [{ op: 'unmount', ...atMount(cover) }] }),
        )
      return
    case 'put': {
      const { program } = mountedOf(spec, engine.host)
      const ops = opsFor(program.inside, finding)
      // A mask goes over whatever is there: were that taken away before, the kernel's file would show until the mask is there, or for good.
      const over = isMask(finding) ? undefined : fix.over
      const away = over === undefined ? [] : [{ op: 'unmount', ...atMount(over) } as const]
      const part = programOf(program, ops)
      const run = (inside: readonly InsideOp[]): Promise<unknown> =>
        native.run({ ...part, outside: [...part.outside, enter(true)], inside })
      // In one go, so that what the kernel has below shows for no longer than it must.
      const isDone = run([...away, ...ops]).catch(async error => {
        if (away.length > 0 && nativeErrorOf(error)?.errno !== 'ENOENT')
          await native.run({ outside: [enter(true)], inside: ops.flatMap(hidden) })
        throw error
      })
      await (away.length > 0 ? unlessGone(isDone) : isDone)
      return
    }
    default:
      fix satisfies never
  }
}

function isMask({ wanted: { of } }: MountFinding): boolean {
  return of.kind === 'mask'
}

/** What is to cover something of the kernel's, where nothing else can any more: nobody sees it at all. */
function hidden(op: InsideOp): InsideOp[] {
  return op.op === 'mask' || op.op === 'bindReadonly' ? [{ op: 'mask', path: op.path }] : []
}

function atMount({ mountpoint: target, id: mount }: MountEntry): {
  readonly target: string
  readonly mount: number
} {
  return { target, mount }
}

/** Another mount is there by now: it went with one that was taken away before, say. Whoever looks again sees. */
async function unlessGone(run: Promise<unknown>): Promise<void> {
  try {
    await run
  } catch (error) {
    if (nativeErrorOf(error)?.errno !== 'ENOENT') throw error
  }
}

/** What puts a mount there, and what else lies on it then: with what was taken away, all that was mounted below it has gone. */
function opsFor(inside: readonly InsideOp[], finding: MountFinding): InsideOp[] {
  const { wanted, target, fix } = finding
  const isOver = fix.kind === 'put' && fix.over !== undefined && !isMask(finding)
  return inside.flatMap((op): InsideOp[] => {
    if (op === wanted.op) return [op]
    if (op.op === 'setAttributes') return op.path === target ? [op] : []
    if (op.op === 'symlink') return isWithin(op.path, target) && wanted.of.kind === 'fresh' ? [op] : []
    const place = 'target' in op ? op.target : 'path' in op ? op.path : undefined
    return isOver && place !== undefined && place !== target && isWithin(place, target) ? [op] : []
  })
}
