import type { Change } from '../core/operation.ts'
import type { Drift, ObservedContainer, ObservedNetwork } from '../observed/observed.ts'
import type { Context } from './context.ts'

/** The cause where the kernel has something otherwise. */
export const DRIFTED = 'the kernel has it otherwise than it was set up'

/** What is not as it was made, as a change back. */
export function driftChange({ path, want, got }: Drift): Change {
  return { path, from: got || undefined, to: want || undefined }
}

/** Where the kernel could not be asked, "nothing has drifted" would be a guess. */
export function tellOfUnseen(
  { builder }: Context,
  kind: 'container' | 'network',
  { name, drift }: Pick<ObservedContainer | ObservedNetwork, 'name' | 'drift'>,
): void {
  if (drift.some(({ repair }) => repair === 'unseen'))
    builder.warn(
      'DRIFT_UNSEEN',
      `what the kernel has of ${kind} "${name}" could not be read: whether it is as it was made is not known`,
      'look again: tscompose drift',
    )
}
