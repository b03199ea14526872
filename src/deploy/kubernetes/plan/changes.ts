import { type Change, HIDDEN, SECRET } from '../../../planner/core/operation.ts'
import type { ClusterObject } from '../cluster/object.ts'
import { isEqual } from './fields.ts'

/** Whether a variable's value may be shown, by its name. */
export type Reveal = (variable: string) => boolean

/** What the server keeps of an object for itself. */
const OWN_METADATA: ReadonlySet<string> = new Set([
  ...['managedFields', 'resourceVersion', 'generation', 'creationTimestamp', 'uid', 'selfLink'],
])

/** By which of its fields an item of a list is known, the first that all items have. */
const KEYS = ['name', 'mountPath', 'containerPort', 'port', 'ip', 'key'] as const

type Loose = Readonly<Record<string, unknown>>

/** What differs between two states of an object, field by field: `spec.template.spec.containers[web].image`. Secrets are masked. */
export function changesBetween(before: ClusterObject, after: ClusterObject, reveal: Reveal): Change[] {
  return [...differing(plain(before), plain(after), [])].map(difference => {
    const { path, from, to } = difference
    const mask = maskOf(difference, after.kind, reveal)
    const shown = (value: unknown): string | undefined =>
      value === undefined ? undefined : (mask ?? JSON.stringify(value))
    return { path: pathText(path), from: shown(from), to: shown(to) }
  })
}

function plain({ status: _, metadata, ...rest }: ClusterObject): Loose {
  const kept = Object.entries(metadata).filter(([key]) => !OWN_METADATA.has(key))
  return { ...rest, metadata: Object.fromEntries(kept) }
}

interface Difference {
  readonly path: readonly string[]
  readonly from: unknown
  readonly to: unknown
}

function* differing(from: unknown, to: unknown, path: readonly string[]): Generator<Difference> {
  if (isEqual(from, to)) return
  const [one, other] = [partsOf(from), partsOf(to)]
  if (one === undefined || other === undefined) {
    yield { path, from, to }
    return
  }
  for (const name of new Set([...one.keys(), ...other.keys()]))
    yield* differing(one.get(name), other.get(name), [...path, name])
}

/** What a value consists of, by names; undefined of what is compared as a whole. */
function partsOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (!Array.isArray(value)) return new Map(Object.entries(value as Loose))
  const items = value as readonly unknown[]
  const key = KEYS.find(each =>
    items.every(item => typeof item === 'object' && item !== null && each in item),
  )
  if (key === undefined || items.length === 0) return undefined
  const parts = new Map(items.map(item => [`[${String((item as Loose)[key])}]`, item] as const))
  return parts.size === items.length ? parts : undefined
}

function pathText(path: readonly string[]): string {
  return path.reduce(
    (text, part) => (part.startsWith('[') || text === '' ? `${text}${part}` : `${text}.${part}`),
    '',
  )
}

/** Parts of an object whose values are no secret; all others are hidden but for numbers and switches, new ones too. */
const OPEN: ReadonlySet<string> = new Set([
  ...['labels', 'matchLabels', 'selector', 'nodeSelector', 'image', 'imagePullPolicy', 'resources'],
  ...['type', 'strategy', 'updateStrategy', 'restartPolicy', 'protocol', 'accessModes', 'storageClassName'],
  ...['serviceName', 'clusterIP', 'ingressClassName', 'host', 'hostnames', 'serviceAccountName'],
])

/** What stands in place of a value that may be, or have in it, a secret. */
function maskOf({ path, from, to }: Difference, kind: string, reveal: Reveal): string | undefined {
  if (kind === 'Secret' && /data$/i.test(path[0] ?? '')) return SECRET
  const variable = path.indexOf('env')
  const name = variable < 0 ? undefined : path[variable + 1]?.slice(1, -1)
  if (name !== undefined) return reveal(name) ? undefined : HIDDEN
  const isPlain = [from, to].every(value => value === undefined || /^(?:number|boolean)$/.test(typeof value))
  return isPlain || path.some(part => OPEN.has(part)) ? undefined : HIDDEN
}
