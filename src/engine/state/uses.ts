import type { Container } from './container.ts'
import type { EngineContext } from './context.ts'

/** Whether the container mounts that volume. */
export function usesVolume(container: Container, name: string): boolean {
  return container.record.mounts.some(mount => mount.type === 'volume' && mount.name === name)
}

/** Whether the container was made from that image, or mounts it. */
function usesImage({ record }: Container, imageId: string): boolean {
  return (
    record.imageId === imageId ||
    record.mounts.some(mount => mount.type === 'image' && mount.source === imageId)
  )
}

/** Who keeps an image: containers that use it, and those that are being made to. */
export function imageUsers(
  engine: Pick<EngineContext, 'containers' | 'holds'>,
  imageId: string,
): { readonly containerId: string; readonly running: boolean }[] {
  return [
    ...[...engine.containers.values()]
      .filter(container => usesImage(container, imageId))
      .map(container => ({ containerId: container.id, running: container.holdsAddresses })),
    ...engine.holds.ownersOf(`image:${imageId}`).map(containerId => ({ containerId, running: true })),
  ]
}
