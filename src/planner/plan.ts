import type { Diagnostic } from '../diagnostics/index.ts'
import type { Change, Operation } from './operation.ts'

/** What is to be done, as data: printed by `plan`, executed by `up`, the very same object. */
export interface Plan {
  readonly project: string
  /** In a deterministic order in which every operation stands behind those it is `after`. Empty = all is right. */
  readonly operations: readonly Operation[]
  readonly warnings: readonly Diagnostic[]
  /**
   * Volumes that are not as the file wants them. Recreating one loses data, so the plan leaves them as they are unless
   * `recreateVolumes` names them: the CLI asks, then plans again.
   */
  readonly divergedVolumes: readonly DivergedVolume[]
}

export interface DivergedVolume {
  readonly name: string
  readonly changes: readonly Change[]
}
