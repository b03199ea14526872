import type { ProcessOfThisBoot } from '../../linux/process-identity.ts'
import type { OutsideOp, Slot } from '../../native/index.ts'

/**
 * Operations that put the root of a container, as its process has it with all mounts, into `slot`. The process is known by
 * its start time (clock ticks since boot), for its number may be another's by now: then it is a CONTAINER_NOT_RUNNING.
 */
export function openRootOf(
  { pid, startTime }: ProcessOfThisBoot,
  slot: Slot,
  namespaceSlot: Slot,
): OutsideOp[] {
  return [
    { op: 'openNamespace', slot: namespaceSlot, pid, startTime, kind: 'mnt' },
    { op: 'open', slot, path: '/', kind: 'folder', mountsSlot: namespaceSlot },
  ]
}
