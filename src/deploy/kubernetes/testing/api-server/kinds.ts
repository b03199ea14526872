import type { ServedKind } from './store.ts'

const kind = (
  apiVersion: string,
  name: string,
  plural: string,
  parts: readonly string[] = [],
  isNamespaced = true,
): ServedKind => ({ apiVersion, kind: name, plural, isNamespaced, parts })

/** What the server of the tests has: all kinds that conversions make, and what controllers make of these. */
export const SERVED: readonly ServedKind[] = [
  kind('v1', 'Namespace', 'namespaces', ['status'], false),
  kind('v1', 'ServiceAccount', 'serviceaccounts'),
  kind('v1', 'ConfigMap', 'configmaps'),
  kind('v1', 'Secret', 'secrets'),
  kind('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', ['status']),
  kind('v1', 'Service', 'services', ['status']),
  kind('v1', 'Pod', 'pods', ['log', 'status']),
  kind('v1', 'Event', 'events'),
  kind('apps/v1', 'Deployment', 'deployments', ['scale', 'status']),
  kind('apps/v1', 'ReplicaSet', 'replicasets', ['scale', 'status']),
  kind('apps/v1', 'StatefulSet', 'statefulsets', ['scale', 'status']),
  kind('apps/v1', 'DaemonSet', 'daemonsets', ['status']),
  kind('apps/v1', 'ControllerRevision', 'controllerrevisions'),
  kind('batch/v1', 'Job', 'jobs', ['status']),
  kind('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies'),
  kind('networking.k8s.io/v1', 'Ingress', 'ingresses', ['status']),
  kind('rbac.authorization.k8s.io/v1', 'Role', 'roles'),
  kind('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings'),
]

const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch']

interface Group {
  readonly name: string
  readonly version: string
  readonly kinds: readonly ServedKind[]
}

function groupsOf(kinds: readonly ServedKind[]): Group[] {
  const versions = [...new Set(kinds.map(({ apiVersion }) => apiVersion))]
  return versions.map(apiVersion => {
    const [version = '', name = ''] = apiVersion.split('/').reverse()
    return { name, version, kinds: kinds.filter(each => each.apiVersion === apiVersion) }
  })
}

/** What `/api`, `/apis`, `/api/v1` or `/apis/apps/v1` says; undefined for another path. `isAggregated`: all at once. */
export function discoveryOf(
  path: string,
  kinds: readonly ServedKind[],
  isAggregated: boolean,
): object | undefined {
  const groups = groupsOf(kinds)
  const [core, named] = [groups.filter(({ name }) => name === ''), groups.filter(({ name }) => name !== '')]
  if (path === '/api') return isAggregated ? aggregated(core) : { kind: 'APIVersions', versions: ['v1'] }
  if (path === '/apis') return isAggregated ? aggregated(named) : groupList(named)
  const found = groups.find(
    ({ name, version }) => path === (name === '' ? `/api/${version}` : `/apis/${name}/${version}`),
  )
  return found && resourceList(found)
}

function aggregated(groups: readonly Group[]): object {
  const items = groups.map(({ name, version, kinds }) => ({
    metadata: { name, creationTimestamp: null },
    versions: [
      {
        version,
        freshness: 'Current',
        resources: kinds.map(({ kind: name_, plural, isNamespaced, parts = [] }) => ({
          resource: plural,
          responseKind: { group: name, version, kind: name_ },
          scope: isNamespaced ? 'Namespaced' : 'Cluster',
          singularResource: name_.toLowerCase(),
          verbs: VERBS,
          subresources: parts.map(part => ({ subresource: part, responseKind: null, verbs: ['get'] })),
        })),
      },
    ],
  }))
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items }
}

function groupList(groups: readonly Group[]): object {
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groups.map(({ name, version }) => {
      const each = { groupVersion: `${name}/${version}`, version }
      return { name, versions: [each], preferredVersion: each }
    }),
  }
}

function resourceList({ name, version, kinds }: Group): object {
  const resource = ({ kind: name_, plural, isNamespaced, parts = [] }: ServedKind): object[] => [
    { name: plural, singularName: name_.toLowerCase(), namespaced: isNamespaced, kind: name_, verbs: VERBS },
    ...parts.map(part => ({
      name: `${plural}/${part}`,
      singularName: '',
      namespaced: isNamespaced,
      kind: part === 'scale' ? 'Scale' : name_,
      verbs: ['get'],
    })),
  ]
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: name === '' ? version : `${name}/${version}`,
    resources: kinds.flatMap(resource),
  }
}
