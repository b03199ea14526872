import type { Diagnostic } from '../../diagnostics/index.ts'
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
