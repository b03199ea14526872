import { posix } from 'node:path'
import { Failure } from '../../diagnostics/index.ts'
import type { Container } from '../state/container.ts'
import type { MountRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import { usesVolume } from '../state/uses.ts'
import { hasFileSystem, type VolumeRecord } from '../state/volume-record.ts'
import { type CopySource, fillVolume } from '../volumes/copy-up.ts'
import { restoreFolder } from '../volumes/create.ts'
import { withFileSystems } from '../volumes/file-systems.ts'
import { volumeUsers } from '../volumes/remove.ts'

/** A container that volumes are filled for. */
export interface Filling {
  readonly id: string
  /** What empties the volumes again that were filled for it. */
  readonly undo: (() => Promise<void>)[]
}

/**
 * Fills the empty volumes of a container that is being made from its image, as Docker does: once, here. What somebody
 * empties before the start stays empty. `making` gets how to empty them again.
 */
export async function fillVolumes(
  engine: EngineContext,
  container: Container,
  making: Filling,
): Promise<void> {
  const mounts = container.record.mounts.filter(({ type, noCopy }) => type === 'volume' && noCopy !== true)
  if (mounts.length === 0) return
  const layers = await engine.images.layersOf(container.record.imageId)
  for (const mount of mounts) {
    const volume = engine.volumes.find(mount.name ?? '')
    const work = (): Promise<void> => fill(engine, mount, layers, making)
    if (volume === undefined || !hasFileSystem(volume)) await work()
    else await fillMounted(engine, container, volume, work)
  }
}

/** Fills a volume that has got a new folder for one that it had lost; the caller has its lock. */
export async function fillAgain(
  engine: EngineContext,
  { record }: Container,
  mount: MountRecord,
): Promise<void> {
  if (mount.noCopy === true) return
  const layers = await engine.images.layersOf(record.imageId)
  await fillVolume(engine, mount, sourceOf(engine, mount, layers), false)
}

/** A tmpfs would lose at once what it is filled with. What cannot be mounted is told by the start, which wants it. */
async function fillMounted(
  engine: EngineContext,
  container: Container,
  volume: VolumeRecord,
  work: () => Promise<void>,
): Promise<void> {
  if (volume.options['type'] === 'tmpfs') return
  try {
    await withFileSystems(engine, container, work)
  } catch (error) {
    if (!(error instanceof Failure && /^VOLUME_(MOUNT|ADDRESS)$/.test(error.code))) throw error
  }
}

async function fill(
  engine: EngineContext,
  mount: MountRecord,
  layers: readonly string[],
  making: Filling,
): Promise<void> {
  const name = mount.name ?? ''
  const locked = <T>(work: () => Promise<T>): Promise<T> => engine.locks.run(`volume:${name}`, work)
  await locked(async () => {
    // Whoever has the volume mounted still has the folder that was lost.
    const isNew = restoreFolder(engine, engine.volumes.resolve(name))
    // One that starts may have opened the folder already, and a mounted one cannot be renamed.
    const inUse =
      hasFileSystem(engine.volumes.resolve(name)) ||
      (!isNew &&
        [...engine.containers.values()].some(other => other.holdsAddresses && usesVolume(other, name)))
    const source = sourceOf(engine, mount, layers)
    const emptying = await fillVolume(engine, mount, source, inUse)
    // The file system of a volume's own is not mounted any more when a failure is undone: it keeps what it got.
    if (emptying === undefined || hasFileSystem(engine.volumes.resolve(name))) return
    making.undo.push(() =>
      locked(async () => {
        // Another container may count on what it has found there.
        if (volumeUsers(engine, name, making.id).length === 0) await emptying()
      }),
    )
  })
}

function sourceOf(
  engine: EngineContext,
  { destination }: MountRecord,
  layers: readonly string[],
): CopySource {
  return { layers: [...layers, ...placesAt(engine, destination)], path: destination }
}

/** The engine's own files are mounted on top of what is mounted at /etc: with a read-only volume their places have to come. */
function placesAt({ paths }: Pick<EngineContext, 'paths'>, destination: string): string[] {
  return posix.normalize(`${destination}/`) === '/etc/' ? [paths.initLayer] : []
}
