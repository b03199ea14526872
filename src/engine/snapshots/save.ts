import type { SnapshotOutcome, SnapshotSaveRequest } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import { timestamp } from '../../linux/wall-clock.ts'
import { whilePaused } from '../containers/while-paused.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import type { SavedRoot, SavedVolume, SnapshotRecord } from '../state/snapshot-record.ts'
import { usesVolume } from '../state/uses.ts'
import type { VolumeRecord } from '../state/volume-record.ts'
import { isUsed, unmountFileSystem, whileMounted } from '../volumes/file-systems.ts'
import { SNAPSHOTS_LOCK } from '../volumes/frozen.ts'
import { type Copy, makeCopies, syncDisk } from './copies.ts'
import { beginIntent, carryOut, endIntent, type FileStep, isUnfinished } from './intent.ts'
import { layersOf, type Parts, partsOf } from './parts.ts'
import { renderSnapshot } from './render.ts'
import { endUnfinished } from './resume.ts'
import { haltOf, ownFileSystems, runAgain, runningOf, startAll, stopAll, withLocks } from './runs.ts'
import { above, inUse, newFolder, type Way, waysOf } from './ways.ts'

/** `POST /tscompose/snapshots`. */
export function saveSnapshot(
  engine: EngineContext,
  { Project: project, Name: name, Folder: folder }: SnapshotSaveRequest,
): Promise<SnapshotOutcome> {
  return engine.locks.run(SNAPSHOTS_LOCK, async () => {
    await endUnfinished(engine)
    checkNew(engine, project, name)
    const { containers } = partsOf(engine, project)
    return await withLocks(
      engine,
      containers.map(({ id }) => id),
      () => saveLocked(engine, { project, name, ...(folder ? { folder } : {}) }),
    )
  })
}

function checkNew({ snapshots }: EngineContext, project: string, name: string): void {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}$/.test(name) || !/^[a-z0-9][a-z0-9_-]*$/.test(project))
    throw failure({
      code: 'SNAPSHOT_NAME',
      kind: 'invalidArgument',
      summary: `"${name}" is no name of a snapshot`,
      hint: 'want letters, digits, and behind the first of these _ . -, a hundred characters at most',
    })
  if (snapshots.find(project, name) === undefined) return
  throw failure({
    code: 'SNAPSHOT_EXISTS',
    kind: 'conflict',
    summary: `project "${project}" has a snapshot "${name}" already`,
    facts: { project, name },
    hint: `remove it first: tscompose snapshot rm ${name}`,
  })
}

async function saveLocked(
  engine: EngineContext,
  named: Pick<SnapshotRecord, 'project' | 'name' | 'folder'>,
): Promise<SnapshotOutcome> {
  const { project } = named
  const parts = partsOf(engine, project)
  if (parts.volumes.length === 0 && parts.roots.length === 0) throw nothing(project)
  const ways = await waysOf(engine, parts)
  const frozen = ways.filter(each => each.kind === 'freeze')
  const users = usersOf(engine, parts, frozen)
  const stopped = runningOf(users)
  const roots = parts.roots.map(each => ({ ...each, id: newFolder() }))
  const copies: Copy[] = [
    ...ways.flatMap(({ kind, volume, ...way }) =>
      kind === 'copy' && 'id' in way
        ? [{ from: engine.volumes.dataOf(volume), to: engine.volumes.frozenFolder(way.id) }]
        : [],
    ),
    ...roots.map(({ container, id }) => ({
      from: container.paths.upper,
      to: engine.volumes.frozenFolder(id),
    })),
  ]
  const record: SnapshotRecord = {
    version: 1,
    ...named,
    created: timestamp(),
    volumes: ways.map(savedVolume),
    roots: await Promise.all(
      roots.map(async ({ service, number, container, id }): Promise<SavedRoot> => {
        const layers = await layersOf(engine, container)
        return { service, number, layers, folder: id }
      }),
    ),
  }
  const halt = haltOf(stopped)
  const plan = { copies, frozen, record, stopped, halt }
  const { duration, trash, down } = await whileMounted(engine, ownFileSystems(engine, stopped), async () => {
    const taken = await take(engine, parts, plan)
    return { ...taken, down: await startAll(engine, stopped, halt.paused) }
  })
  await endIntent(engine, { trash })
  return {
    Snapshot: await renderSnapshot(engine, record),
    Left: parts.left,
    ...runAgain(stopped, down),
    Frozen: duration,
  }
}

interface Taking {
  readonly copies: readonly Copy[]
  readonly frozen: readonly Extract<Way, { kind: 'freeze' }>[]
  readonly record: SnapshotRecord
  readonly stopped: readonly Container[]
  readonly halt: ReturnType<typeof haltOf>
}

/** From the first thing that is done to the moment from which the snapshot is there; what fails leaves everything as it was. */
async function take(
  engine: EngineContext,
  { containers }: Parts,
  { copies, frozen, record, stopped, halt }: Taking,
): Promise<{ readonly duration: number; readonly trash: readonly string[] }> {
  const { intent } = engine.snapshots
  const prepared = copies.map(({ to }) => to)
  beginIntent(intent, { trash: prepared, ...halt })
  try {
    await stopAll(engine, stopped)
    let duration = 0
    await whilePaused(engine, containers, async () => {
      const start = performance.now()
      await makeCopies(engine, copies)
      duration = performance.now() - start
    })
    if (copies.length > 0) await syncDisk(engine, engine.volumes.frozenFolder())
    const keys = frozen.map(({ volume }) => `volume:${volume.name}`)
    await withLocks(engine, keys, async () => {
      for (const { volume } of frozen) await letGo(engine, volume.name)
      const steps = [...frozen.flatMap(way => freezing(engine, way)), recordStep(engine, record)]
      carryOut(intent, { steps, trash: [], prepared, ...halt })
      for (const { volume, id } of frozen) engine.volumes.put(above(volume, id))
      engine.snapshots.put(record)
    })
    return { duration, trash: [] }
  } catch (error) {
    if (isUnfinished(error)) throw error
    await startAll(engine, stopped, halt.paused)
    await endIntent(engine, { trash: prepared })
    throw error
  }
}

/** Nobody has a file of the volume open from here on, as long as its lock is held. */
async function letGo(engine: EngineContext, name: string): Promise<void> {
  if (isUsed(engine, name)) throw inUse(name, [])
  await unmountFileSystem(engine, name)
}

function recordStep({ snapshots }: EngineContext, record: SnapshotRecord): FileStep {
  return { do: 'write', path: snapshots.pathOf(record.project, record.name), record }
}

/** What the volume was written to becomes the frozen folder, and another takes its place. */
function freezing({ volumes }: EngineContext, { volume, id }: Extract<Way, { kind: 'freeze' }>): FileStep[] {
  const data = volumes.dataOf(volume)
  const folder = volumes.frozenFolder(id)
  const upper = volumes.upperOf(volume.name)
  const path = volumes.recordOf(volume.name)
  return [
    { do: 'rename', from: volume.base === undefined ? data : upper, to: folder },
    { do: 'folder', path: data, like: folder },
    { do: 'folder', path: upper, like: folder },
    { do: 'write', path, record: above(volume, id) },
  ]
}

function savedVolume(way: Way): SavedVolume {
  const { key, volume } = way
  const { base = [], name, labels } = volume
  const folders = way.kind === 'same' ? base : [way.id, ...(way.kind === 'copy' ? [] : base)]
  return { key, name, labels, folders }
}

/** Who has to be stopped; nobody who is not of the project. SNAPSHOT_SHARED. */
function usersOf(
  engine: EngineContext,
  { containers }: Parts,
  frozen: readonly { readonly volume: VolumeRecord }[],
): Container[] {
  const users = [...engine.containers.values()].filter(each =>
    frozen.some(({ volume }) => usesVolume(each, volume.name)),
  )
  const strangers = users.filter(each => each.holdsAddresses && !containers.includes(each))
  const name = frozen.find(({ volume }) => strangers.some(each => usesVolume(each, volume.name)))?.volume.name
  if (name !== undefined) throw inUse(name, strangers)
  return users
}

function nothing(project: string): Error {
  return failure({
    code: 'SNAPSHOT_EMPTY',
    kind: 'notFound',
    summary: `project "${project}" has neither containers nor volumes that a snapshot could have`,
    facts: { project },
  })
}
