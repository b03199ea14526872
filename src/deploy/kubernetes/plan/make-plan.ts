import type { Diagnostic } from '../../../diagnostics/index.ts'
import type { Change } from '../../../planner/core/operation.ts'
import type { DeployAction, DeployOperation, DeployPlan } from '../../plan/plan.ts'
import { failureOf } from '../cluster/failure.ts'
import { type ClusterObject, labelOf, type ObjectRef } from '../cluster/object.ts'
import type { Comparison } from './compare.ts'
import { KEPT, LAST_RANK, RECREATED, rankOf } from './kinds.ts'

/** One thing to be done with an object of a cluster. Those of one rank are done side by side, behind lower ranks. */
export interface KubernetesOperation extends DeployOperation {
  readonly rank: number
  /** The object as the file has it; of a removal, what is there. */
  readonly object: ObjectRef
  /** Fields of others are taken. */
  readonly isForced: boolean
}

export interface KubernetesPlan extends DeployPlan {
  readonly operations: readonly KubernetesOperation[]
}

/** An object of the file and how it differs from the cluster's. */
export interface Compared {
  readonly object: ObjectRef
  readonly comparison: Comparison
}

export interface Orphans {
  readonly objects: readonly ClusterObject[]
  /** They go; else they are told. */
  readonly isPruned: boolean
}

/** What is to be done, of what was compared. Pure. */
export function makePlan(project: string, compared: readonly Compared[], orphans: Orphans): KubernetesPlan {
  const operations = compared.flatMap(({ object, comparison }) => operationOf(object, comparison) ?? [])
  const removed = orphans.objects.filter(({ kind }) => orphans.isPruned && !KEPT.has(kind))
  const kept = orphans.objects.filter(object => !removed.includes(object))
  return {
    project,
    operations: inOrder([
      ...operations,
      ...removed.map(object => ({
        ...operation(object, 'remove', 'the file does not have it any more'),
        rank: LAST_RANK,
      })),
    ]),
    warnings: kept.map(object => orphan(object, orphans.isPruned)),
    problems: compared.flatMap(({ object, comparison }) => problemOf(object, comparison) ?? []),
  }
}

/** Operations by their ranks: between those of two ranks stands one that does nothing, so that edges grow with operations and not with their pairs. */
export function inOrder(operations: readonly KubernetesOperation[]): KubernetesOperation[] {
  const ranks = [...new Set(operations.map(({ rank }) => rank))].sort((a, b) => a - b)
  let after: readonly string[] = []
  return ranks.flatMap(rank => {
    const own = operations.filter(each => each.rank === rank).map(each => ({ ...each, after }))
    const gate = gateBehind(own, rank)
    after = [gate.id]
    return rank === ranks.at(-1) ? own : [...own, gate]
  })
}

function gateBehind(operations: readonly KubernetesOperation[], rank: number): KubernetesOperation {
  const object: ObjectRef = { apiVersion: 'v1', kind: 'rank', metadata: { name: String(rank) } }
  const gate = operation(object, 'wait', 'others need what is before')
  return { ...gate, type: 'awaitRank', rank, after: operations.map(({ id }) => id) }
}

function operationOf(object: ObjectRef, comparison: Comparison): KubernetesOperation | undefined {
  switch (comparison.kind) {
    case 'new':
      return operation(object, 'create', '')
    case 'changed': {
      const { changes, conflicts, isTakenOver } = comparison
      const whose = [...new Set(conflicts.map(({ manager }) => manager))].join(', ')
      const cause = isTakenOver ? 'was there before, and becomes ours' : whose && `set by ${whose}`
      return { ...operation(object, 'update', cause), changes, isForced: conflicts.length > 0 }
    }
    case 'fixed':
      return RECREATED.has(object.kind)
        ? operation(object, 'recreate', 'a field that cannot be changed differs')
        : undefined
    default:
      return undefined
  }
}

/** One thing to be done with an object, in no order yet. */
export function operation(object: ObjectRef, action: DeployAction, cause: string): KubernetesOperation {
  const { kind, metadata } = object
  return {
    id: `${kind}:${metadata.name}:${action}`,
    type: `${action}Object`,
    after: [],
    resource: { kind, name: metadata.name },
    action,
    cause,
    changes: [],
    rank: rankOf(kind),
    object,
    isForced: false,
  }
}

function problemOf(object: ObjectRef, comparison: Comparison): Diagnostic[] {
  switch (comparison.kind) {
    case 'disputed':
      return comparison.conflicts.map(({ field, manager }) => ({
        severity: 'error' as const,
        code: 'KUBERNETES_CONFLICT',
        summary: `${labelOf(object)}: ${pathOf(field)} was set by "${manager}", otherwise than the file has it${valuesOf(field, comparison.changes)}`,
        hint: '--force takes it back',
      }))
    case 'fixed':
      return RECREATED.has(object.kind)
        ? []
        : [
            {
              severity: 'error',
              code: 'KUBERNETES_UNCHANGEABLE',
              summary: `${labelOf(object)} cannot be changed: ${comparison.reason}`,
              hint: `what it holds would be lost with it: kubectl delete ${object.kind} ${object.metadata.name} does that`,
            },
          ]
    case 'foreign':
      return [
        {
          severity: 'error',
          code: 'KUBERNETES_CONFLICT',
          summary: `${labelOf(object)} is of the project "${comparison.project}", which is in the same namespace`,
          hint: '--namespace names another one',
        },
      ]
    case 'refused':
      return [...failureOf(comparison.refusal, labelOf(object)).diagnostics]
    default:
      return []
  }
}

/** `.spec.containers[name="web"].image` as changes name it: `spec.containers[web].image`. */
function pathOf(field: string): string {
  return field.replace(/^\./, '').replaceAll(/\[\w+="?([^",\]]*)"?[^\]]*\]/g, '[$1]')
}

function valuesOf(field: string, changes: readonly Change[]): string {
  const change = changes.find(({ path }) => path === pathOf(field))
  return change === undefined ? '' : ` (${change.from ?? 'nothing'} → ${change.to ?? 'nothing'})`
}

function orphan(object: ClusterObject, isPruned: boolean): Diagnostic {
  return {
    severity: 'warning',
    code: 'KUBERNETES_ORPHAN',
    summary: `${labelOf(object)} is of an earlier deploy, and the file does not have it any more`,
    hint: isPruned ? 'what it holds would be lost with it: it stays' : '--prune removes it',
  }
}
