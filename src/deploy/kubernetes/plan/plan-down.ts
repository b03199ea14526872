import type { Diagnostic } from '../../../diagnostics/index.ts'
import type { ClusterClient } from '../cluster/client.ts'
import { told } from '../cluster/connection.ts'
import { type ClusterObject, labelOf } from '../cluster/object.ts'
import { KEPT, KINDS, LAST_RANK, rankOf } from './kinds.ts'
import { inOrder, type KubernetesPlan, operation } from './make-plan.ts'
import { hasLabels, isMadeByOthers, observe } from './observe.ts'

/** What is to be removed. */
export interface DownWanted {
  readonly project: string
  readonly namespace: string
  readonly selector: string
  /** Volumes, too, with their data. */
  readonly volumes: boolean
}

/** What a cluster puts into each namespace by itself. */
const OWN: ReadonlySet<string> = new Set([
  ...['ConfigMap kube-root-ca.crt', 'ServiceAccount default', 'Service kubernetes'],
  'ConfigMap openshift-service-ca.crt',
])

/** Removes all that deploys have made. The namespace goes, too, where deploys made it, no volume stays in it, and nobody else's things are. */
export async function planDown(client: ClusterClient, wanted: DownWanted): Promise<KubernetesPlan> {
  const { objects, namespace } = await observe(client, wanted.namespace, wanted.selector)
  const isKept = ({ kind }: ClusterObject): boolean => KEPT.has(kind) && !wanted.volumes
  const removed = [...objects.values()].filter(object => !isKept(object))
  const kept = [...objects.values()].filter(isKept)
  const isOurs = namespace !== undefined && hasLabels(namespace, wanted.selector)
  const foreign = isOurs && kept.length === 0 ? await foreignIn(client, wanted) : undefined
  const whole = foreign === undefined && isOurs && kept.length === 0 ? [namespace] : []
  // Those that use others go before them.
  const operations = [...removed, ...whole].map(object => ({
    ...operation(object, 'remove', ''),
    rank: LAST_RANK - rankOf(object.kind),
  }))
  const warnings = [
    ...kept.map(({ metadata: { name } }) =>
      stays(`PersistentVolumeClaim ${name}`, 'its data would be lost: -v removes it'),
    ),
    ...(foreign === undefined
      ? []
      : [stays(`Namespace ${wanted.namespace}`, `${foreign} is in it, which is not of this project`)]),
  ]
  return { project: wanted.project, operations: inOrder(operations), warnings, problems: [] }
}

/** Something of others that would go with the namespace. */
async function foreignIn(
  client: ClusterClient,
  { namespace, selector }: DownWanted,
): Promise<string | undefined> {
  const kinds = [...KINDS.filter(({ kind }) => kind !== 'Namespace'), { apiVersion: 'v1', kind: 'Pod' }]
  const lists = await Promise.all(
    kinds.map(async kind =>
      (await client.knows(kind))
        ? (await told(`listing each ${kind.kind}`, client.list(kind, { namespace }))).items
        : [],
    ),
  )
  const found = lists
    .flat()
    .filter(object => !hasLabels(object, selector) && !isMadeByOthers(object.metadata))
    .find(object => !OWN.has(labelOf(object)) && object['type'] !== 'kubernetes.io/service-account-token')
  return found && labelOf(found)
}

function stays(what: string, why: string): Diagnostic {
  return { severity: 'warning', code: 'KUBERNETES_KEPT', summary: `${what} stays`, hint: why }
}
