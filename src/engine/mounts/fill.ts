import type { Container } from '../state/container.ts'
import type { MountRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import { usesVolume } from '../state/uses.ts'
import { fillVolume } from '../volumes/copy-up.ts'
import { volumeUsers } from '../volumes/remove.ts'
import type { Making } from './decide.ts'

/**
 * Fills the empty volumes of a container that is being made from its image, as Docker does: once, here. What somebody
 * empties before the start stays empty. `making` gets how to empty them again.
 */
export async function fillVolumes(
  engine: EngineContext,
  container: Container,
  making: Making,
): Promise<void> {
  const mounts = container.record.mounts.filter(({ type, noCopy }) => type === 'volume' && noCopy !== true)
  if (mounts.length === 0) return
  const layers = await engine.images.layersOf(container.record.imageId)
  for (const mount of mounts) await fill(engine, mount, layers, making)
}

async function fill(
  engine: EngineContext,
  mount: MountRecord,
  layers: readonly string[],
  making: Making,
): Promise<void> {
  const name = mount.name ?? ''
  const locked = <T>(work: () => Promise<T>): Promise<T> => engine.locks.run(`volume:${name}`, work)
  await locked(async () => {
    // One that starts may have opened the folder already.
    const inUse = [...engine.containers.values()].some(
      other => other.holdsAddresses && usesVolume(other, name),
    )
    const emptying = await fillVolume(engine, mount, { layers, path: mount.destination }, inUse)
    if (emptying === undefined) return
    making.undo.push(() =>
      locked(async () => {
        // Another container may count on what it has found there.
        if (volumeUsers(engine, name, making.id).length === 0) await emptying()
      }),
    )
  })
}
