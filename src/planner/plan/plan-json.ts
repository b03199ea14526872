import type { Diagnostic } from '../../diagnostics/index.ts'
import { changeToJson, operationsToJson } from '../core/json.ts'
import type { JsonObject } from '../core/json-value.ts'
import type { Plan } from './plan.ts'
import { riskOf } from './risk.ts'

/** The plan for programs (`plan --json`), as `schemas/plan.schema.json` describes it. */
export function planToJson(plan: Plan): JsonObject {
  const risks = plan.operations.map(riskOf)
  const { operations = [], ...json } = operationsToJson(plan)
  return {
    ...json,
    operations: (operations as readonly JsonObject[]).map((each, index) => ({
      ...each,
      ...risks[index],
    })),
    divergedVolumes: plan.divergedVolumes.map(({ name, changes }) => ({
      name,
      changes: changes.map(changeToJson),
    })),
    ...(plan.problems === undefined ? {} : { problems: plan.problems.map(problemToJson) }),
  }
}

function problemToJson({ severity, code, path, summary, hint, range }: Diagnostic): JsonObject {
  return {
    severity,
    code,
    summary,
    ...(path === undefined ? {} : { path }),
    ...(hint === undefined ? {} : { hint }),
    ...(range === undefined ? {} : { file: range.file, start: { ...range.start }, end: { ...range.end } }),
  }
}
