import { FieldSet, fieldsOf, type Path, removeAt, valueAt } from './field-set.ts'
import { at, isMap, isSame, type Json, type JsonMap } from './json.ts'
import { keyOf, shapeOf } from './shapes.ts'

/** What somebody has, and how he came by it. */
export interface Manager {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly fields: FieldSet
  readonly time: string
}

export interface FieldConflict {
  readonly manager: Manager
  readonly path: Path
}

function managersOf(object: JsonMap | undefined): Manager[] {
  const entries = at(object, 'metadata', 'managedFields')
  return (Array.isArray(entries) ? (entries as readonly JsonMap[]) : []).map(entry => ({
    manager: String(entry['manager']),
    operation: entry['operation'] === 'Apply' ? 'Apply' : 'Update',
    fields: FieldSet.fromJson(entry['fieldsV1']),
    time: String(entry['time']),
  }))
}

function withManagers(object: JsonMap, managers: readonly Manager[]): JsonMap {
  const managedFields = managers
    .filter(({ fields }) => fields.paths.length > 0)
    .map(({ manager, operation, fields, time }) => ({
      manager,
      operation,
      apiVersion: object['apiVersion'] ?? 'v1',
      time,
      fieldsType: 'FieldsV1',
      fieldsV1: fields.toJson(),
    }))
  const metadata = isMap(object['metadata']) ? object['metadata'] : {}
  return { ...object, metadata: { ...metadata, managedFields } }
}

/** Server-side apply, as sigs.k8s.io/structured-merge-diff has it, for objects without versions. */
export function applied(
  live: JsonMap | undefined,
  wanted: JsonMap,
  { manager, force, time }: { readonly manager: string; readonly force: boolean; readonly time: string },
): { readonly object: JsonMap; readonly conflicts: readonly FieldConflict[] } {
  const managers = managersOf(live)
  const isMine = (each: Manager): boolean => each.manager === manager && each.operation === 'Apply'
  const others = managers.filter(each => !isMine(each))
  const mine = managers.find(isMine)
  const fields = fieldsOf(wanted)
  const isDisputed = (path: Path): boolean =>
    path.at(-1) !== '.' && !isSame(valueAt(live, path), valueAt(wanted, path))
  const conflicts = others.flatMap(other =>
    fields.paths
      .filter(path => other.fields.has(path) && isDisputed(path))
      .map(path => ({ manager: other, path })),
  )
  if (conflicts.length > 0 && !force) return { object: wanted, conflicts }
  const lost = new FieldSet(conflicts.map(({ path }) => path))
  const kept = others.map(other => ({ ...other, fields: other.fields.without(lost) }))
  const dropped = (mine?.fields ?? new FieldSet([])).without(fields)
  let object = live === undefined ? wanted : (merged(String(wanted['kind']), live, wanted, []) as JsonMap)
  for (const path of dropped.paths)
    if (!kept.some(other => other.fields.has(path))) object = (removeAt(object, path) ?? {}) as JsonMap
  const isSameSet = mine !== undefined && isSame(mine.fields.toJson(), fields.toJson())
  const own: Manager = { manager, operation: 'Apply', fields, time: isSameSet ? mine.time : time }
  return { object: withManagers(object, [...kept, own]), conflicts: [] }
}

/** What others do by PUT or PATCH: who changes a field has it from then on. */
export function updated(live: JsonMap | undefined, next: JsonMap, manager: string, time: string): JsonMap {
  const before = live === undefined ? new FieldSet([]) : fieldsOf(live)
  const after = fieldsOf(next)
  const changed = new FieldSet(
    after.paths.filter(path => !before.has(path) || !isSame(valueAt(live, path), valueAt(next, path))),
  )
  const gone = before.without(after)
  const others = managersOf(live).map(each => ({
    ...each,
    fields: each.fields.without(changed).without(gone),
  }))
  const mine = others.find(each => each.manager === manager && each.operation === 'Update')
  const own: Manager = {
    manager,
    operation: 'Update',
    fields: (mine?.fields ?? new FieldSet([])).with(changed),
    time,
  }
  return withManagers(next, [...others.filter(each => each !== mine), own])
}

/** What is there, with what is wanted over it. */
function merged(kind: string, live: Json | undefined, wanted: Json, names: readonly string[]): Json {
  if (live === undefined) return wanted
  const shape = shapeOf(kind, names, wanted)
  if (shape.kind === 'map' && isMap(live) && isMap(wanted)) {
    const entries = Object.entries(wanted).map(
      ([name, inner]) => [name, merged(kind, live[name], inner, [...names, name])] as const,
    )
    return { ...live, ...Object.fromEntries(entries) }
  }
  if (!Array.isArray(live) || !Array.isArray(wanted)) return wanted
  const [there, asked] = [live as readonly Json[], wanted as readonly Json[]]
  if (shape.kind === 'set')
    return [...there, ...asked.filter(each => !there.some(other => isSame(each, other)))]
  if (shape.kind !== 'keyed') return wanted
  const { keys } = shape
  const places = asked.map(item => keyOf(item, keys))
  return [
    ...asked.map((item, index) => {
      const other = there.find(each => keyOf(each, keys) === places[index])
      return isMap(item) && isMap(other) ? mergedItem(kind, other, item, names) : item
    }),
    ...there.filter(each => !places.includes(keyOf(each, keys))),
  ]
}

function mergedItem(kind: string, live: JsonMap, wanted: JsonMap, names: readonly string[]): JsonMap {
  const entries = Object.entries(wanted).map(
    ([name, inner]) => [name, merged(kind, live[name], inner, [...names, name])] as const,
  )
  return { ...live, ...Object.fromEntries(entries) }
}

/** `.spec.template.spec.containers[name="web"].image`, as servers name fields. */
export function fieldName(path: Path): string {
  return path
    .map(part => {
      if (!part.startsWith('k:')) return `.${part.slice(2)}`
      const keys = Object.entries(JSON.parse(part.slice(2)) as JsonMap)
      return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`
    })
    .join('')
}
