import type { Project } from '../../model/index.ts'
import type { Observed } from '../observed/observed.ts'
import type { PlanBuilder } from '../plan/plan-builder.ts'
import type { ServiceSet } from '../project/service-set.ts'
import type { UpOptions } from './options.ts'

/** What every reconciler of one `up` sees. */
export interface Context {
  readonly project: Project
  readonly observed: Observed
  readonly options: UpOptions
  readonly set: ServiceSet
  readonly builder: PlanBuilder
}
