import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { LeftOut, SnapshotOutcome, SnapshotRestoreRequest } from '../../api/types/index.ts'
import { folderExtent } from '../../native/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import type { SavedVolume, SnapshotRecord } from '../state/snapshot-record.ts'
import { usesVolume } from '../state/uses.ts'
import type { VolumeRecord } from '../state/volume-record.ts'
import { ensureVolume } from '../volumes/create.ts'
import { isUsed, unmountFileSystem, whileMounted } from '../volumes/file-systems.ts'
import { SNAPSHOTS_LOCK, sweepFrozen } from '../volumes/frozen.ts'
import { checkDepth } from '../volumes/layered.ts'
import { areOnOneDisk, type Copy, canClone, makeCopies, syncDisk } from './copies.ts'
import { beginIntent, carryOut, endIntent, type FileStep, isUnfinished } from './intent.ts'
import { layersOf, partsOf } from './parts.ts'
import { renderSnapshot } from './render.ts'
import { endUnfinished } from './resume.ts'
import { haltOf, ownFileSystems, runAgain, runningOf, startAll, stopAll, withLocks } from './runs.ts'
import { inUse, isSmall, newFolder } from './ways.ts'

/** `POST /tscompose/snapshots/restore`: volumes and containers' own files are as they were; what runs of the project is stopped meanwhile. */
export function restoreSnapshot(
  engine: EngineContext,
  { Project, Name, To = Project }: SnapshotRestoreRequest,
): Promise<SnapshotOutcome> {
  return engine.locks.run(SNAPSHOTS_LOCK, async () => {
    await endUnfinished(engine)
    const record = engine.snapshots.resolve(Project, Name)
    const { containers } = partsOf(engine, To)
    const ids = containers.map(({ id }) => id)
    return await withLocks(engine, ids, () => restoreLocked(engine, record, To))
  })
}

/** A folder that gets other content, and what it has from then on. */
interface Target {
  /** What is made ready beside it, and then takes its place; undefined where nothing is copied. */
  readonly copy?: Copy
  readonly steps: (trash: string[]) => readonly FileStep[]
}

async function restoreLocked(
  engine: EngineContext,
  record: SnapshotRecord,
  project: string,
): Promise<SnapshotOutcome> {
  const parts = partsOf(engine, project)
  const left: LeftOut[] = [...parts.left]
  const clones = canClone(engine.volumes.frozenFolder())
  const volumes: { readonly next: VolumeRecord; readonly target: Target }[] = []
  for (const saved of record.volumes) {
    const volume = volumeFor(engine, parts.volumes, saved, record.project === project)
    if (volume === undefined) left.push({ Kind: 'missing', Name: saved.key })
    else volumes.push(await volumeTarget(engine, volume, saved, clones))
  }
  const roots = await rootTargets(engine, record, parts.roots, left)
  const used = [...engine.containers.values()].filter(each =>
    volumes.some(({ next }) => usesVolume(each, next.name)),
  )
  const stranger = used.find(each => each.holdsAddresses && !parts.containers.includes(each))
  const name = stranger && volumes.find(({ next }) => usesVolume(stranger, next.name))?.next.name
  if (stranger !== undefined && name !== undefined) throw inUse(name, [stranger])
  const stopped = runningOf(parts.containers)
  const halt = haltOf(stopped)
  const { trash, down } = await whileMounted(engine, ownFileSystems(engine, stopped), async () => ({
    trash: await putBack(engine, { volumes, roots, stopped, halt }),
    down: await startAll(engine, stopped, halt.paused),
  }))
  await endIntent(engine, { trash })
  await sweepFrozen(engine)
  return {
    Snapshot: await renderSnapshot(engine, record),
    Left: left,
    ...runAgain(stopped, down),
    Frozen: 0,
  }
}

interface PuttingBack {
  readonly volumes: readonly { readonly next: VolumeRecord; readonly target: Target }[]
  readonly roots: readonly Target[]
  readonly stopped: readonly Container[]
  readonly halt: ReturnType<typeof haltOf>
}

/** What fails leaves everything as it was; answers what was there before. */
async function putBack(
  engine: EngineContext,
  { volumes, roots, stopped, halt }: PuttingBack,
): Promise<readonly string[]> {
  const { intent } = engine.snapshots
  const targets = [...volumes.map(({ target }) => target), ...roots]
  const copies = targets.flatMap(({ copy }) => (copy === undefined ? [] : [copy]))
  const prepared = copies.map(({ to }) => to)
  beginIntent(intent, { trash: prepared, ...halt })
  try {
    await makeCopies(engine, copies)
    if (copies.length > 0) await syncDisk(engine, engine.volumes.frozenFolder())
    await stopAll(engine, stopped)
    const keys = volumes.map(({ next }) => `volume:${next.name}`)
    return await withLocks(engine, keys, async () => {
      for (const { next } of volumes) {
        if (isUsed(engine, next.name)) throw inUse(next.name, [])
        await unmountFileSystem(engine, next.name)
      }
      const trash: string[] = []
      const steps = targets.flatMap(target => target.steps(trash))
      carryOut(intent, { steps, trash, prepared, ...halt })
      for (const { next } of volumes) engine.volumes.put(next)
      return trash
    })
  } catch (error) {
    if (isUnfinished(error)) throw error
    await startAll(engine, stopped, halt.paused)
    await endIntent(engine, { trash: prepared })
    throw error
  }
}

/** The project's volume that is this to it. Where it is the same project one that has gone is made anew. */
function volumeFor(
  engine: EngineContext,
  volumes: readonly { readonly key: string; readonly volume: VolumeRecord }[],
  { key, name, labels }: SavedVolume,
  isSame: boolean,
): VolumeRecord | undefined {
  const found = volumes.find(each => each.key === key)?.volume
  if (found !== undefined || !isSame || labels['com.docker.compose.volume'] === undefined) return found
  if (engine.volumes.find(name) !== undefined) return undefined
  return ensureVolume(engine, { name, anonymous: false, labels, options: {} })
}

async function volumeTarget(
  engine: EngineContext,
  volume: VolumeRecord,
  { folders }: SavedVolume,
  clones: boolean,
): Promise<{ readonly next: VolumeRecord; readonly target: Target }> {
  const { base: _, ...plain } = volume
  const { volumes } = engine
  const [top = '', ...below] = folders
  const from = volumes.frozenFolder(top)
  const extent = await folderExtent(from)
  // Seen through an overlay what is a whiteout would be gone.
  const isWithin = isSmall(extent) || extent.hasWhiteouts
  const isCopied = below.length === 0 && (clones || isWithin || isElsewhere(engine, volume))
  const next: VolumeRecord = isCopied ? plain : { ...plain, base: folders }
  if (!isCopied) checkDepth(volumes, volume.name, folders)
  const folder = volumes.folderOf(volume.name)
  const data = volumes.dataOf(volume)
  const copy = { from, to: join(folder, `_next-${newFolder()}`) }
  const record: FileStep = { do: 'write', path: volumes.recordOf(volume.name), record: next }
  const steps = (trash: string[]): FileStep[] => {
    const away = [data, volumes.upperOf(volume.name)].flatMap(path => asideOf(path, folder, trash))
    return isCopied
      ? [...away, { do: 'rename', from: copy.to, to: data }, record]
      : [
          ...away,
          { do: 'folder', path: data, like: from },
          { do: 'folder', path: volumes.upperOf(volume.name), like: from },
          record,
        ]
  }
  return { next, target: { ...(isCopied ? { copy } : {}), steps } }
}

function isElsewhere({ volumes }: EngineContext, volume: VolumeRecord): boolean {
  return !areOnOneDisk(volumes.folderOf(volume.name), volumes.frozenFolder())
}

/** Containers' own files: where the container is there, and lies above the same layers. */
async function rootTargets(
  engine: EngineContext,
  { roots }: SnapshotRecord,
  present: ReturnType<typeof partsOf>['roots'],
  left: LeftOut[],
): Promise<Target[]> {
  const targets: Target[] = []
  for (const { service, number, layers, folder } of roots) {
    const container = present.find(each => each.service === service && each.number === number)?.container
    const isSame = container !== undefined && (await layersOf(engine, container)).join() === layers.join()
    if (container !== undefined && isSame) targets.push(rootTarget(engine, container, folder))
    else left.push({ Kind: container === undefined ? 'missing' : 'image', Name: `${service}/${number}` })
  }
  return targets
}

function rootTarget({ volumes }: EngineContext, { paths }: Container, folder: string): Target {
  const { folder: own, upper } = paths
  const copy = { from: volumes.frozenFolder(folder), to: join(own, `next-${newFolder()}`) }
  const steps = (trash: string[]): FileStep[] => [
    ...asideOf(upper, own, trash),
    { do: 'rename', from: copy.to, to: upper },
  ]
  return { copy, steps }
}

/** Renames what is there out of the way. */
function asideOf(path: string, folder: string, trash: string[]): FileStep[] {
  if (!existsSync(path)) return []
  const to = join(folder, `old-${newFolder()}`)
  trash.push(to)
  return [{ do: 'rename', from: path, to }]
}
