import type { Diagnostic } from '../../diagnostics/index.ts'
import type { Change } from '../core/operation.ts'
import type { PlanOf } from '../core/plan.ts'
import type { Operation } from './operation.ts'

/** A plan of calls of the Engine API. */
export interface Plan extends PlanOf<Operation> {
  /**
   * Volumes that are not as the file wants them. Recreating one loses data, so the plan leaves them as they are unless
   * `recreateVolumes` names them: the CLI asks, then plans again.
   */
  readonly divergedVolumes: readonly DivergedVolume[]
  /** What of it is going to fail, as far as that is known before; all that can be known in a plan that is to be shown. */
  readonly problems?: readonly Diagnostic[]
}

export interface DivergedVolume {
  readonly name: string
  readonly changes: readonly Change[]
}
