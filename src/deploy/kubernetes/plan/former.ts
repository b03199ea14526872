import { failure } from '../../../diagnostics/index.ts'
import type { ClusterClient, KindRef } from '../cluster/client.ts'
import { isLoose } from '../cluster/kubeconfig.ts'
import type { ClusterObject, ObjectRef } from '../cluster/object.ts'
import { ownFields, partOf } from '../plan/fields.ts'

type Loose = Readonly<Record<string, unknown>>

const REVISION = 'deployment.kubernetes.io/revision'
const KEEPERS: readonly KindRef[] = ['Deployment', 'StatefulSet', 'DaemonSet'].map(kind => ({
  apiVersion: 'apps/v1',
  kind,
}))
const FORMER: Readonly<Record<string, KindRef>> = {
  Deployment: { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  StatefulSet: { apiVersion: 'apps/v1', kind: 'ControllerRevision' },
  DaemonSet: { apiVersion: 'apps/v1', kind: 'ControllerRevision' },
}

/** A workload as it was before, to be applied, beside how it is. */
export interface Former {
  readonly object: ObjectRef & { readonly spec: Loose }
  readonly live: ClusterObject
}

/**
 * Workloads with the pods that they had before, as the cluster remembers them. Nothing else is remembered: configs, secrets and
 * Services stay as they are. Errors: KUBERNETES_ROLLBACK where there is nothing to go back to.
 */
export async function formerWorkloads(
  client: ClusterClient,
  namespace: string,
  selector: string,
): Promise<readonly Former[]> {
  const found = await Promise.all(
    KEEPERS.map(async kind => {
      const { items } = await client.list(kind, { namespace, selector })
      const remembered =
        items.length === 0 ? [] : (await client.list(formerOf(kind), { namespace, selector })).items
      return items.flatMap(live => {
        const template = templateBefore(live, remembered)
        return template === undefined ? [] : [{ live, object: withTemplate(live, template) }]
      })
    }),
  )
  const former = found.flat()
  if (former.length > 0) return former
  throw failure({
    code: 'KUBERNETES_ROLLBACK',
    kind: 'notFound',
    summary: `nothing in "${namespace}" has been another one before`,
    hint: 'the cluster remembers pods of Deployments, StatefulSets and DaemonSets, and of no others',
  })
}

function formerOf({ kind }: KindRef): KindRef {
  return FORMER[kind] ?? { apiVersion: 'apps/v1', kind: 'ReplicaSet' }
}

/** The newest template that is not the present one. */
function templateBefore(live: ClusterObject, remembered: readonly ClusterObject[]): Loose | undefined {
  const own = remembered
    .filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === live.metadata.uid) === true)
    .toSorted((a, b) => numberOf(b) - numberOf(a))
  const [now, before] = own
  return now === undefined || before === undefined ? undefined : templateOf(before)
}

function numberOf(former: ClusterObject): number {
  return Number(former['revision'] ?? former.metadata.annotations?.[REVISION] ?? 0)
}

function templateOf(former: ClusterObject): Loose | undefined {
  const data = isLoose(former['data']) ? former['data'] : {}
  const spec = former.spec ?? (isLoose(data['spec']) ? data['spec'] : {})
  const template = isLoose(spec['template']) ? spec['template'] : undefined
  if (template === undefined) return undefined
  const { $patch: _, ...rest } = template
  const metadata = isLoose(rest['metadata']) ? rest['metadata'] : {}
  const labels = Object.entries(isLoose(metadata['labels']) ? metadata['labels'] : {})
  const kept = labels.filter(([key]) => key !== 'pod-template-hash')
  const { creationTimestamp: __, ...about } = metadata
  return { ...rest, metadata: { ...about, labels: Object.fromEntries(kept) } }
}

/** What we have applied, with another template: so the next deploy finds all that is ours in one place. */
function withTemplate(live: ClusterObject, template: Loose): Former['object'] {
  const owned = ownFields(live)
  const { apiVersion, kind } = live
  const { name, namespace } = live.metadata
  const ours = (owned === undefined ? { spec: live.spec } : partOf(live, owned)) as Partial<ClusterObject>
  return {
    ...ours,
    apiVersion,
    kind,
    metadata: { ...ours.metadata, name, namespace },
    spec: { ...ours.spec, template },
  }
}
