import type { ProcessOfThisBoot } from '../../linux/process-identity.ts'
import type { OutsideOp, Slot } from '../../native/index.ts'

/** Beyond those that programs with a root of their own count from 0 on. */
const USER_SLOT: Slot = 500

/**
 * Operations that put the root of a container, as its process has it with all mounts, into `slot`. The process is known by
 * its start time (clock ticks since boot), for its number may be another's by now: then it is a CONTAINER_NOT_RUNNING.
 * `mapped`: what follows is done as root of its user namespace.
 */
export function openRootOf(
  { pid, startTime }: ProcessOfThisBoot,
  slot: Slot,
  namespaceSlot: Slot,
  mapped = false,
): OutsideOp[] {
  // As its root: what the host's root writes has ids that are nobody's there. Opened first, for nothing can be afterwards.
  const user: OutsideOp[] = mapped
    ? [{ op: 'openNamespace', slot: USER_SLOT, pid, startTime, kind: 'user' }]
    : []
  return [
    ...user,
    { op: 'openNamespace', slot: namespaceSlot, pid, startTime, kind: 'mnt' },
    { op: 'open', slot, path: '/', kind: 'folder', mountsSlot: namespaceSlot },
    ...user.map((): OutsideOp => ({ op: 'enterUserns', slot: USER_SLOT })),
  ]
}
