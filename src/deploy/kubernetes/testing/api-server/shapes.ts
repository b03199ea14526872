import { isMap, type Json, type JsonMap } from './json.ts'

/** What Kubernetes' schemas say of lists of the kinds that conversions make (`x-kubernetes-list-map-keys`); all others are atomic. */
const KEYED: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  env: ['name'],
  volumes: ['name'],
  volumeMounts: ['mountPath'],
  imagePullSecrets: ['name'],
  hostAliases: ['ip'],
  topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
  conditions: ['type'],
  ownerReferences: ['uid'],
}
const SETS: ReadonlySet<string> = new Set(['finalizers'])
/** Objects that belong to one manager as a whole (`x-kubernetes-map-type: atomic`). */
const ATOMIC: ReadonlySet<string> = new Set([
  ...['selector', 'podSelector', 'labelSelector', 'nodeSelector', 'namespaceSelector', 'roleRef', 'fieldRef'],
  'requiredDuringSchedulingIgnoredDuringExecution',
])

export type Shape =
  | { readonly kind: 'map' | 'atomic' | 'set' }
  | { readonly kind: 'keyed'; readonly keys: readonly string[] }

/** How a value is shared among managers; `names` lead to it, without keys of lists. */
export function shapeOf(objectKind: string, names: readonly string[], value: Json): Shape {
  const name = names.at(-1) ?? ''
  if (isMap(value)) return { kind: ATOMIC.has(name) ? 'atomic' : 'map' }
  if (!Array.isArray(value)) return { kind: 'atomic' }
  if (SETS.has(name)) return { kind: 'set' }
  const inPod = names.includes('containers') || names.includes('initContainers')
  if (name === 'ports' && (inPod || objectKind === 'Service'))
    return { kind: 'keyed', keys: [inPod ? 'containerPort' : 'port', 'protocol'] }
  const keys = KEYED[name]
  return keys === undefined ? { kind: 'atomic' } : { kind: 'keyed', keys }
}

/** `k:{"containerPort":80,"protocol":"TCP"}`: an item's place. The protocol is TCP where an item has none. */
export function keyOf(item: Json, keys: readonly string[]): string {
  const values: JsonMap = isMap(item) ? item : {}
  const given = keys.map(key => [key, values[key] ?? (key === 'protocol' ? 'TCP' : '')] as const)
  return `k:${JSON.stringify(Object.fromEntries(given.sort(([a], [b]) => (a < b ? -1 : 1))))}`
}
