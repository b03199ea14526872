import type { Change } from '../core/operation.ts'
import type { Drift } from '../observed/observed.ts'

/** The cause where the kernel has something otherwise. */
export const DRIFTED = 'the kernel has it otherwise than it was set up'

/** What is not as it was made, as a change back. */
export function driftChange({ path, want, got }: Drift): Change {
  return { path, from: got || undefined, to: want || undefined }
}
