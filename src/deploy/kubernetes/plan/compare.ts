import type { Change } from '../../../planner/core/operation.ts'
import { type ClusterClient, FIELD_MANAGER } from '../cluster/client.ts'
import { type Conflict, Refusal } from '../cluster/failure.ts'
import type { ClusterObject, ObjectRef } from '../cluster/object.ts'
import { PART_OF } from '../convert/context.ts'
import { changesBetween, type Reveal } from './changes.ts'
import { isApplied, ownFields } from './fields.ts'

/** How an object of the file differs from the cluster's. */
export type Comparison =
  | { readonly kind: 'same' }
  | { readonly kind: 'new' }
  | {
      readonly kind: 'changed'
      readonly changes: readonly Change[]
      /** Fields that others have set, and that are taken from them. */
      readonly conflicts: readonly Conflict[]
      /** It was there, and nothing of it was ours. */
      readonly isTakenOver: boolean
    }
  /** Others have set what the file has otherwise. */
  | {
      readonly kind: 'disputed'
      readonly conflicts: readonly Conflict[]
      /** What would be otherwise if the file had its way. */
      readonly changes: readonly Change[]
    }
  /** It is of another project that was deployed into the same namespace. */
  | { readonly kind: 'foreign'; readonly project: string }
  /** The server does not let what is there become this. */
  | { readonly kind: 'fixed'; readonly reason: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

export interface CompareOptions {
  /** Take what others have set. */
  readonly force: boolean
  readonly reveal: Reveal
}

/** Words with which servers refuse to change what cannot be changed. */
const FIXED =
  /immutable|forbidden: updates to|cannot change roleref|may not change once set|cannot be (?:changed|unset)|field is fixed/i

/** Compares an object with what is there, by a dry run of the server, unless it is seen without that nothing would change. */
export async function compare(
  client: ClusterClient,
  wanted: ObjectRef,
  live: ClusterObject | undefined,
  { force, reveal }: CompareOptions,
): Promise<Comparison> {
  if (live !== undefined && isApplied(live, wanted)) return { kind: 'same' }
  const tried = await tryApply(client, wanted, force)
  if (tried instanceof Refusal) {
    const other = live === undefined && ofOther(await client.get(wanted), wanted)
    if (other) return { kind: 'foreign', project: other }
    return tried.conflicts.length > 0 ? disputed(client, wanted, tried, live, reveal) : refused(tried, live)
  }
  const { object, isNew, conflicts } = tried
  if (isNew) return { kind: 'new' }
  const before = live ?? (await client.get(wanted))
  if (before === undefined) return { kind: 'new' }
  const project = ofOther(before, wanted)
  if (project !== undefined) return { kind: 'foreign', project }
  const changes = changesBetween(before, object, reveal)
  const isTakenOver = ownFields(before) === undefined
  if (changes.length === 0 && !isTakenOver) return { kind: 'same' }
  return { kind: 'changed', changes, conflicts, isTakenOver }
}

/** The other project that has it, if one has: we are its manager there, too, so that no server would tell. */
function ofOther(there: ClusterObject | undefined, wanted: ObjectRef): string | undefined {
  const { labels = {} } = there?.metadata ?? {}
  const { [PART_OF]: project, 'app.kubernetes.io/managed-by': by } = labels
  const ours = (wanted as ClusterObject).metadata.labels?.[PART_OF]
  return by === 'tscompose' && project !== ours ? project : undefined
}

type Tried = {
  readonly object: ClusterObject
  readonly isNew: boolean
  readonly conflicts: readonly Conflict[]
}

async function tryApply(client: ClusterClient, wanted: ObjectRef, force: boolean): Promise<Tried | Refusal> {
  try {
    return { ...(await client.apply(wanted, { dryRun: true })), conflicts: [] }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { conflicts } = error
    // What we have set by other means, as a rollback, we may take back.
    const isOurs = conflicts.every(({ manager }) => manager === FIELD_MANAGER)
    if (conflicts.length === 0 || !(force || isOurs)) return error
    const forced = await client.apply(wanted, { dryRun: true, force: true })
    return { ...forced, conflicts }
  }
}

async function disputed(
  client: ClusterClient,
  wanted: ObjectRef,
  { conflicts }: Refusal,
  live: ClusterObject | undefined,
  reveal: Reveal,
): Promise<Comparison> {
  const { object } = await client.apply(wanted, { dryRun: true, force: true })
  const before = live ?? (await client.get(wanted)) ?? object
  return { kind: 'disputed', conflicts, changes: changesBetween(before, object, reveal) }
}

function refused(refusal: Refusal, live: ClusterObject | undefined): Comparison {
  const { status } = refusal
  if (status.code === 422 && live !== undefined && FIXED.test(status.message))
    return { kind: 'fixed', reason: status.message }
  return { kind: 'refused', refusal }
}
