import type { Container } from './container.ts'

/** Whether the container mounts that volume. */
export function usesVolume(container: Container, name: string): boolean {
  return container.record.mounts.some(mount => mount.type === 'volume' && mount.name === name)
}
