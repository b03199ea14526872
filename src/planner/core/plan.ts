import type { Diagnostic } from '../../diagnostics/index.ts'
import type { PlannedOperation } from './operation.ts'

/** What is to be done, as data: printed by `plan`, executed by `up`, the very same object. */
export interface PlanOf<O extends PlannedOperation> {
  readonly project: string
  /** In a deterministic order in which every operation stands behind those it is `after`. Empty = all is right. */
  readonly operations: readonly O[]
  readonly warnings: readonly Diagnostic[]
}
