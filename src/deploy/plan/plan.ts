import type { Diagnostic } from '../../diagnostics/index.ts'
import type { PlannedOperation } from '../../planner/core/operation.ts'
import type { PlanOf } from '../../planner/core/plan.ts'

/** What happens to something of a cluster. */
export type DeployAction = 'create' | 'update' | 'recreate' | 'remove' | 'push' | 'wait'

/** One thing to be done in a cluster. */
export interface DeployOperation extends PlannedOperation {
  readonly action: DeployAction
}

/** What a deploy would do, the same data that it follows. */
export interface DeployPlan extends PlanOf<DeployOperation> {
  /** What it would fail at: then nothing is changed. */
  readonly problems: readonly Diagnostic[]
}
