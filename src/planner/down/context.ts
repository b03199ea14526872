import type { Project } from '../../model/index.ts'
import type { Observed } from '../observed/observed.ts'
import type { PlanBuilder } from '../plan/plan-builder.ts'

export interface DownOptions {
  /** Named services go together with their dependents; networks, images and volumes of the project stay then. */
  readonly services?: readonly string[]
  readonly volumes?: boolean
  readonly removeOrphans?: boolean
  readonly images?: 'local' | 'all'
  readonly timeout?: number
}

/** What all parts of one `down` see. */
export interface Down {
  readonly project: Project
  readonly observed: Observed
  readonly options: DownOptions
  readonly builder: PlanBuilder
}
