import { randomBytes } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { Failure, failure, messageOf } from '../diagnostics/index.ts'
import type { Project } from '../model/index.ts'
import {
  type Fingerprint,
  fingerprintOf,
  type JsonObject,
  movedBetween,
  type Observed,
  operationsFingerprint,
  type Plan,
  planToJson,
  planUp,
  TOOL_VERSION,
  type UpOptions,
} from '../planner/index.ts'

/** Version of the file's form. */
const VERSION = 1

/**
 * A plan that is kept to be executed later. It holds no operation as such: plans are made of the files and of what is there alone, so it is made
 * again, and must be the same. Nothing of a service is in it but what `plan --json` tells, and digests under its own key.
 */
export interface SavedPlan {
  readonly version: typeof VERSION
  /** Of tscompose: another one may plan otherwise. */
  readonly tool: string
  readonly project: string
  readonly options: UpOptions
  readonly key: string
  readonly observed: Fingerprint
  readonly operations: Fingerprint
  /** For people and programs. */
  readonly plan: JsonObject
}

/** What is to be kept of a plan, as it was made of these. */
export function savedPlanOf(plan: Plan, observed: Observed, options: UpOptions): SavedPlan {
  const key = randomBytes(16).toString('hex')
  return {
    version: VERSION,
    tool: TOOL_VERSION,
    project: plan.project,
    options,
    key,
    observed: fingerprintOf(observed),
    operations: operationsFingerprint(plan, key),
    plan: planToJson(plan),
  }
}

/** Writes it by rename, for its owner alone. PLAN_FILE_UNWRITABLE. */
export async function writeSavedPlan(path: string, saved: SavedPlan): Promise<void> {
  try {
    // Every `up` loads this file, and with what writes a part of Node that it has no other use for.
    const { writeFileAtomic } = await import('../linux/atomic-file.ts')
    await writeFileAtomic(path, `${JSON.stringify(saved, null, 2)}\n`)
  } catch (error) {
    throw failure({
      code: 'PLAN_FILE_UNWRITABLE',
      kind: 'invalidArgument',
      summary: `the plan cannot be written to "${path}": ${messageOf(error)}`,
      cause: error,
    })
  }
}

/** Reads one. PLAN_FILE_INVALID. */
export function readSavedPlan(path: string): SavedPlan {
  const wrong = (what: string, cause?: unknown): Failure =>
    failure({
      code: 'PLAN_FILE_INVALID',
      kind: 'invalidArgument',
      summary: `"${path}" is no saved plan: ${what}`,
      hint: 'make one by "tscompose plan -o FILE"',
      cause,
    })
  let saved: Partial<SavedPlan>
  try {
    // A pipe or a device may have no end.
    saved = statSync(path).isFile() ? (JSON.parse(readFileSync(path, 'utf8')) as Partial<SavedPlan>) : {}
  } catch (error) {
    throw wrong(messageOf(error), error)
  }
  if (typeof saved !== 'object' || saved === null || saved.version !== VERSION)
    throw wrong(`its version is not ${VERSION}`)
  for (const field of ['options', 'observed', 'operations'] as const)
    if (typeof saved[field] !== 'object' || saved[field] === null) throw wrong(`it has no "${field}"`)
  if (typeof saved.key !== 'string' || typeof saved.project !== 'string')
    throw wrong('it has no key or project')
  for (const [name, value] of Object.entries(saved.options ?? {}))
    if (!(OPTIONS as Partial<Record<string, Check>>)[name]?.(value))
      throw wrong(`its options have no such "${name}"`)
  return saved as SavedPlan
}

type Check = (value: unknown) => boolean

const isSwitch: Check = value => typeof value === 'boolean'
const isNumber: Check = value => typeof value === 'number'
const isText: Check = value => typeof value === 'string'
const areTexts: Check = value => Array.isArray(value) && value.every(isText)

/** Whoever changes a file by hand is told of what no plan has. */
const OPTIONS: Readonly<Record<keyof UpOptions, Check>> = {
  services: areTexts,
  noDeps: isSwitch,
  recreate: isText,
  recreateDependencies: isText,
  build: isText,
  pull: isText,
  scale: value => typeof value === 'object' && value !== null && Object.values(value).every(isNumber),
  start: isSwitch,
  removeOrphans: isSwitch,
  ignoreOrphans: isSwitch,
  renewAnonymousVolumes: isSwitch,
  timeout: isNumber,
  recreateVolumes: value => areTexts(value) || value === 'all',
  now: isNumber,
}

/** The plan that was saved, where all that it was made of is as it was. PLAN_MOVED names what is not. */
export function planAsSaved(project: Project, observed: Observed, saved: SavedPlan): Plan {
  if (saved.project !== project.name)
    throw moved([`it is of project "${saved.project}", and this is "${project.name}"`])
  const differences = movedBetween(saved.observed, fingerprintOf(observed))
  if (differences.length > 0) throw moved(differences)
  const plan = planUp(project, observed, saved.options)
  const others = movedBetween(saved.operations, operationsFingerprint(plan, saved.key))
  if (others.length === 0) return plan
  const of =
    saved.tool === TOOL_VERSION ? 'the files ask for something else' : `tscompose was ${saved.tool} then`
  throw moved(others.map(each => `operation ${each}: ${of}`))
}

function moved(what: readonly string[]): Failure {
  const hint = 'look at a new plan: "tscompose plan -o FILE"'
  return new Failure(
    'conflict',
    what.map(each => ({
      severity: 'error' as const,
      code: 'PLAN_MOVED',
      summary: `the plan is of another state: ${each}`,
      hint,
    })),
  )
}
