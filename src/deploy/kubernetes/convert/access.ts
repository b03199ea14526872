import type { Role, RoleBinding, ServiceAccount } from '../objects/objects.ts'
import { type Context, metadata } from './context.ts'
import { accountName } from './waits.ts'

const GROUP = 'rbac.authorization.k8s.io'

/** What lets pods wait for others: an account that may look at workloads of the namespace, and at nothing else. */
export function accessOf(
  context: Context,
  accounts: readonly string[],
): (ServiceAccount | Role | RoleBinding)[] {
  if (accounts.length === 0) return []
  const own = accountName(context)
  const about = metadata(context, own)
  const account: ServiceAccount[] = accounts.includes(own)
    ? [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: about, automountServiceAccountToken: false }]
    : []
  const look = ['get', 'list', 'watch']
  return [
    ...account,
    {
      apiVersion: `${GROUP}/v1`,
      kind: 'Role',
      metadata: about,
      rules: [
        { apiGroups: ['apps'], resources: ['deployments', 'statefulsets', 'daemonsets'], verbs: look },
        { apiGroups: ['batch'], resources: ['jobs'], verbs: look },
      ],
    },
    {
      apiVersion: `${GROUP}/v1`,
      kind: 'RoleBinding',
      metadata: about,
      roleRef: { apiGroup: GROUP, kind: 'Role', name: own },
      subjects: [...new Set(accounts)].map(name => ({
        kind: 'ServiceAccount',
        name,
        namespace: context.options.namespace,
      })),
    },
  ]
}
