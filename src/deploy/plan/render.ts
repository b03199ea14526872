import { operationsToJson } from '../../planner/core/json.ts'
import type { JsonObject, JsonValue } from '../../planner/core/json-value.ts'
import { type RenderPlanOptions, renderOperations, type Vocabulary } from '../../planner/core/render.ts'
import type { DeployOperation, DeployPlan } from './plan.ts'

/** Characters of a value that a line shows. */
const WIDTH = 60

const VOCABULARY: Vocabulary<DeployOperation> = {
  symbols: { create: '+', push: '+', update: '~', recreate: '~', wait: '~', remove: '-' },
  ranks: ['recreate', 'create', 'push', 'remove', 'update', 'wait'],
  silent: ['wait'],
  isOrigin: ({ action }) => action === 'create',
  isCertain: () => true,
  detail: ({ cause }) => cause,
  value: (_, text) => (text.length > WIDTH ? `${text.slice(0, WIDTH - 1)}…` : text),
  remark: ({ action, changes, cause }) =>
    changes.length === 0 || cause === '' ? '' : `(${action === 'recreate' ? `recreate: ${cause}` : cause})`,
}

/** A plan for people, one line for each thing of the cluster; empty where there is nothing to do. */
export function renderDeploy(plan: DeployPlan, options: RenderPlanOptions = {}): string {
  return renderOperations(plan, VOCABULARY, options)
}

/** The same for programs, in the form of `plan --json`, with what it would fail at. */
export function deployToJson(plan: DeployPlan): JsonObject {
  const problems = plan.problems.map(
    ({ code, summary, path, hint }): JsonValue => ({
      code,
      summary,
      ...(path === undefined ? {} : { path }),
      ...(hint === undefined ? {} : { hint }),
    }),
  )
  return { ...operationsToJson(plan), problems }
}
