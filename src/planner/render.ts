import { failure } from '../diagnostics/index.ts'
import type { JsonObject } from './json.ts'
import type { Plan } from './plan.ts'

export interface RenderPlanOptions {
  readonly color?: boolean
}

/** The plan for people, one line a resource, stable: `+ network lamp_back  bridge 172.18.0.0/24`. Empty text = nothing to do. */
export function renderPlan(_plan: Plan, _options: RenderPlanOptions = {}): string {
  throw failure({ code: 'NOT_IMPLEMENTED', summary: 'renderPlan is being written' })
}

/** The plan for programs; the schema only grows. */
export function planToJson(_plan: Plan): JsonObject {
  throw failure({ code: 'NOT_IMPLEMENTED', summary: 'planToJson is being written' })
}
