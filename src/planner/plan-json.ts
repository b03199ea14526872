import type { JsonObject, JsonValue } from './json.ts'
import type { Operation } from './operation.ts'
import type { Plan } from './plan.ts'

/** Version of the JSON form; within one, fields are only added. */
const JSON_VERSION = 1

/**
 * The plan for programs. Of an operation it has all that decides what is done to which resource and why, and none of the
 * service's own text: environments may hold secrets, and plans are kept in logs.
 */
export function planToJson(plan: Plan): JsonObject {
  return {
    version: JSON_VERSION,
    project: plan.project,
    operations: plan.operations.map(operationToJson),
    warnings: plan.warnings.map(({ code, summary, hint }) => ({
      code,
      summary,
      ...(hint === undefined ? {} : { hint }),
    })),
    divergedVolumes: plan.divergedVolumes.map(({ name, changes }) => ({
      name,
      changes: changes.map(changeToJson),
    })),
  }
}

function operationToJson(operation: Operation): JsonObject {
  const { id, type, action, resource, after, cause, changes, guard, bestEffort, ...details } = operation
  return {
    id,
    type,
    action,
    resource: { kind: resource.kind, name: resource.name },
    after,
    cause,
    changes: changes.map(changeToJson),
    ...(guard === undefined
      ? {}
      : { guard: { imageChanged: guard.imageChanged.map(({ reference, from }) => ({ reference, from })) } }),
    ...(bestEffort === undefined ? {} : { bestEffort }),
    ...plainDetails(details),
  }
}

function changeToJson({ path, from, to }: Operation['changes'][number]): JsonObject {
  return { path, from: from ?? null, to: to ?? null }
}

/** Fields of one kind of operation that are plain values, and the container it works on. */
function plainDetails(details: object): JsonObject {
  const plain = Object.entries(details).filter(
    ([, value]) => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean',
  ) as [string, JsonValue][]
  const container = 'container' in details ? { container: details.container as JsonObject } : {}
  return { ...Object.fromEntries(plain), ...container }
}
