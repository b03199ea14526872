import type { JsonObject, JsonValue } from './json-value.ts'
import type { Change, PlannedOperation } from './operation.ts'
import type { PlanOf } from './plan.ts'

/** Version of the JSON form; within one, fields are only added. */
const JSON_VERSION = 1

/**
 * A plan for programs. Of an operation it has all that decides what is done to which resource and why, and none of the
 * service's own text: environments may hold secrets, and plans are kept in logs.
 */
export function operationsToJson<O extends PlannedOperation>(plan: PlanOf<O>): JsonObject {
  return {
    version: JSON_VERSION,
    project: plan.project,
    operations: plan.operations.map(operationToJson),
    warnings: plan.warnings.map(({ code, summary, hint }) => ({
      code,
      summary,
      ...(hint === undefined ? {} : { hint }),
    })),
  }
}

function operationToJson(operation: PlannedOperation): JsonObject {
  const { id, type, action, resource, after, cause, changes, guard, bestEffort, ...details } = operation
  return {
    id,
    type,
    action,
    resource: { kind: resource.kind, name: resource.name },
    after,
    cause,
    changes: changes.map(changeToJson),
    ...(guard === undefined ? {} : { guard: guard as JsonObject }),
    ...(bestEffort === undefined ? {} : { bestEffort }),
    ...plainDetails(details),
  }
}

/** A difference; null for what is absent. */
export function changeToJson({ path, from, to, reach, place }: Change): JsonObject {
  return {
    path,
    from: from ?? null,
    to: to ?? null,
    ...(reach === undefined ? {} : { reach: { ...reach } }),
    ...(place === undefined ? {} : { place: { ...place } }),
  }
}

/** Fields of one kind of operation that are plain values, and the container it works on. */
function plainDetails(details: object): JsonObject {
  const plain = Object.entries(details).filter(
    ([, value]) => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean',
  ) as [string, JsonValue][]
  const container = 'container' in details ? { container: details.container as JsonObject } : {}
  return { ...Object.fromEntries(plain), ...container }
}
