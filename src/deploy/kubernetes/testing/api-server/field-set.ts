import { isMap, type Json, type JsonMap } from './json.ts'
import { keyOf, shapeOf } from './shapes.ts'

/** `f:spec`, `k:{"name":"web"}`, `v:"x"`, and `.` for an item itself. */
export type Path = readonly string[]

/** Fields that somebody has, by their paths. */
export class FieldSet {
  readonly #paths: ReadonlyMap<string, Path>

  constructor(paths: Iterable<Path>) {
    this.#paths = new Map([...paths].map(path => [path.join('\n'), path]))
  }

  static fromJson(fields: Json | undefined): FieldSet {
    return new FieldSet(leavesOfFields(fields ?? {}, []))
  }

  get paths(): readonly Path[] {
    return [...this.#paths.values()]
  }

  has(path: Path): boolean {
    return this.#paths.has(path.join('\n'))
  }

  without(other: Pick<FieldSet, 'has'>): FieldSet {
    return new FieldSet(this.paths.filter(path => !other.has(path)))
  }

  with(other: FieldSet): FieldSet {
    return new FieldSet([...this.paths, ...other.paths])
  }

  /** FieldsV1. */
  toJson(): JsonMap {
    const tree: Record<string, Json> = {}
    for (const path of this.paths) {
      let inner = tree
      for (const part of path) {
        inner[part] ??= {}
        inner = inner[part] as Record<string, Json>
      }
    }
    return tree
  }
}

function* leavesOfFields(fields: Json, path: Path): Generator<Path> {
  const entries = isMap(fields) ? Object.entries(fields) : []
  if (entries.length === 0 && path.length > 0) yield path
  for (const [part, inner] of entries) yield* leavesOfFields(inner, [...path, part])
}

/** All that an object has, but for what nobody is said to have: its name and what the server says of it. */
export function fieldsOf(object: JsonMap): FieldSet {
  const { apiVersion: _, kind, metadata, status: __, ...rest } = object
  const { labels, annotations, finalizers, ownerReferences } = isMap(metadata) ? metadata : {}
  const about = Object.fromEntries(
    Object.entries({ labels, annotations, finalizers, ownerReferences }).filter(
      ([, value]) => value !== undefined,
    ),
  ) as JsonMap
  const shown: JsonMap = Object.keys(about).length === 0 ? rest : { ...rest, metadata: about }
  return new FieldSet(leaves(String(kind), shown, [], []))
}

function* leaves(kind: string, value: Json, names: readonly string[], path: Path): Generator<Path> {
  const shape = shapeOf(kind, names, value)
  if (shape.kind === 'keyed') {
    for (const item of value as readonly Json[]) {
      const place = [...path, keyOf(item, shape.keys)]
      yield [...place, '.']
      if (isMap(item)) yield* leavesOfMap(kind, item, names, place)
    }
    if ((value as readonly Json[]).length === 0) yield path
  } else if (shape.kind === 'set') {
    for (const item of value as readonly Json[]) yield [...path, `v:${JSON.stringify(item)}`]
  } else if (shape.kind === 'map' && Object.keys(value as JsonMap).length > 0)
    yield* leavesOfMap(kind, value as JsonMap, names, path)
  else yield path
}

function* leavesOfMap(kind: string, value: JsonMap, names: readonly string[], path: Path): Generator<Path> {
  for (const [name, inner] of Object.entries(value))
    yield* leaves(kind, inner, [...names, name], [...path, `f:${name}`])
}

/** What is at a path; undefined where there is nothing. */
export function valueAt(value: Json | undefined, path: Path): Json | undefined {
  const [part, ...more] = path
  if (part === undefined || part === '.' || value === undefined) return value
  if (part.startsWith('f:')) return isMap(value) ? valueAt(value[part.slice(2)], more) : undefined
  return Array.isArray(value)
    ? valueAt(
        value.find(item => isItem(item, part)),
        more,
      )
    : undefined
}

/** A copy without what is at a path; what is empty then goes, too. */
export function removeAt(value: Json, path: Path): Json | undefined {
  const [part = '', ...more] = path
  const isLast = more.length === 0 || more[0] === '.'
  if (part.startsWith('f:') && isMap(value)) {
    const { [part.slice(2)]: inner, ...rest } = value
    if (inner === undefined) return value
    const left = isLast ? undefined : removeAt(inner, more)
    if (left !== undefined) return { ...value, [part.slice(2)]: left }
    return Object.keys(rest).length === 0 ? undefined : rest
  }
  if (!Array.isArray(value)) return value
  const items = (value as readonly Json[]).flatMap(item => {
    if (!isItem(item, part)) return [item]
    const left = isLast ? undefined : removeAt(item, more)
    return left === undefined ? [] : [left]
  })
  return items.length === 0 ? undefined : items
}

function isItem(item: Json, part: string): boolean {
  if (part.startsWith('v:')) return JSON.stringify(item) === part.slice(2)
  const keys = Object.entries(JSON.parse(part.slice(2)) as JsonMap)
  return (
    isMap(item) &&
    keys.every(([key, value]) => (item[key] ?? (key === 'protocol' ? 'TCP' : undefined)) === value)
  )
}
