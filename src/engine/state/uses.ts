import type { Container } from './container.ts'

/** Whether the container mounts that volume. */
export function usesVolume(container: Container, name: string): boolean {
  return container.record.mounts.some(mount => mount.type === 'volume' && mount.name === name)
}

/** Whether the container was made from that image, or mounts it. */
export function usesImage({ record }: Container, imageId: string): boolean {
  return (
    record.imageId === imageId ||
    record.mounts.some(mount => mount.type === 'image' && mount.source === imageId)
  )
}
