import { changeToJson, operationsToJson } from '../core/json.ts'
import type { JsonObject } from '../core/json-value.ts'
import type { Plan } from './plan.ts'

/** The plan for programs (`plan --json`). */
export function planToJson(plan: Plan): JsonObject {
  return {
    ...operationsToJson(plan),
    divergedVolumes: plan.divergedVolumes.map(({ name, changes }) => ({
      name,
      changes: changes.map(changeToJson),
    })),
  }
}
