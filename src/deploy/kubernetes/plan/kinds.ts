import type { KindRef } from '../cluster/client.ts'

/** Objects of one rank are made side by side, behind those of lower ranks. */
interface RankedKind extends KindRef {
  readonly rank: number
}

const APPS = 'apps/v1'
const ACCESS = 'rbac.authorization.k8s.io/v1'

/** All kinds that a conversion makes, in the order in which they are made: what others need is there before them. */
export const KINDS: readonly RankedKind[] = [
  { apiVersion: 'v1', kind: 'Namespace', rank: 0 },
  { apiVersion: 'v1', kind: 'ServiceAccount', rank: 1 },
  { apiVersion: ACCESS, kind: 'Role', rank: 1 },
  { apiVersion: 'v1', kind: 'ConfigMap', rank: 1 },
  { apiVersion: 'v1', kind: 'Secret', rank: 1 },
  { apiVersion: ACCESS, kind: 'RoleBinding', rank: 2 },
  { apiVersion: 'v1', kind: 'PersistentVolumeClaim', rank: 2 },
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', rank: 3 },
  { apiVersion: 'v1', kind: 'Service', rank: 4 },
  { apiVersion: APPS, kind: 'Deployment', rank: 5 },
  { apiVersion: APPS, kind: 'StatefulSet', rank: 5 },
  { apiVersion: APPS, kind: 'DaemonSet', rank: 5 },
  { apiVersion: 'batch/v1', kind: 'Job', rank: 5 },
  { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', rank: 6 },
  { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', rank: 6 },
]

/** Behind all that is made. */
export const LAST_RANK = 7

/** What is lost for good with it: no deploy removes it by itself. */
export const KEPT: ReadonlySet<string> = new Set(['PersistentVolumeClaim', 'Namespace'])

/** What is removed and made anew where a field of it cannot be changed; nothing of it lives longer than its pods. */
export const RECREATED: ReadonlySet<string> = new Set([
  ...['Job', 'Deployment', 'StatefulSet', 'DaemonSet', 'Service', 'RoleBinding'],
])

export function rankOf(kind: string): number {
  return KINDS.find(each => each.kind === kind)?.rank ?? LAST_RANK
}
