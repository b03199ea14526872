import type { Field, Shape } from './shape.ts'

/**
 * The value with the fields that its shape has under the shape's own names, to whatever depth the shape goes: they are
 * read as Go's decoder reads them, by their exact name or else without regard to case. Of a field that is there twice the
 * last counts, and objects are joined. Keys of maps stay as they are, and so does what no shape names. Copies nothing
 * where all names are right.
 */
export function nameFields(shape: Shape, value: object): object {
  let isSame = true
  const entries = Object.entries(value).map(([key, entry]) => {
    const named = nameEntry(shape, key, entry)
    isSame &&= named[0] === key && named[1] === entry
    return named
  })
  return isSame ? value : join(entries)
}

type Entry = readonly [name: string, value: unknown]

function nameEntry(shape: Shape, key: string, value: unknown): Entry {
  const name = Object.hasOwn(shape, key) ? key : (namesOf(shape).get(fold(key)) ?? key)
  const field = Object.hasOwn(shape, name) ? shape[name] : undefined
  return [name, field === undefined ? value : nameWithin(field, value)]
}

/** What is of another kind than its field is for the check of the shape to refuse. */
function nameWithin(field: Field, value: unknown): unknown {
  if (typeof field === 'string' || typeof value !== 'object' || value === null) return value
  if ('object' in field) return nameEach(field.object, value)
  if ('list' in field) return nameList(field.list, value)
  return nameMap(value, entry =>
    'lists' in field ? nameList(field.lists, entry) : nameEach(field.map, entry),
  )
}

function nameEach(shape: Shape, value: unknown): unknown {
  return isMap(value) ? nameFields(shape, value) : value
}

function nameList(shape: Shape, value: unknown): unknown {
  if (!Array.isArray(value)) return value
  const named = value.map(item => nameEach(shape, item))
  return named.every((item, at) => item === value[at]) ? value : named
}

function nameMap(map: object, nameValue: (value: unknown) => unknown): object {
  if (Array.isArray(map)) return map
  let isSame = true
  const entries = Object.entries(map).map(([key, value]): Entry => {
    const named = nameValue(value)
    isSame &&= named === value
    return [key, named]
  })
  return isSame ? map : Object.fromEntries(entries)
}

function join(entries: readonly Entry[]): object {
  const joined = new Map<string, unknown>()
  for (const [name, value] of entries) {
    const before = joined.get(name)
    const both = isMap(before) && isMap(value)
    joined.set(name, both ? join([...Object.entries(before), ...Object.entries(value)]) : value)
  }
  // Unlike an assignment this takes `__proto__` for a key like others.
  return Object.fromEntries(joined)
}

const namesByShape = new WeakMap<Shape, ReadonlyMap<string, string>>()

function namesOf(shape: Shape): ReadonlyMap<string, string> {
  const known = namesByShape.get(shape)
  if (known !== undefined) return known
  const names = new Map(Object.keys(shape).map(name => [fold(name), name]))
  namesByShape.set(shape, names)
  return names
}

/** By Unicode's simple folding, as far as names of ASCII letters go: the long s is none of lower-casing. */
function fold(name: string): string {
  return name.toLowerCase().replaceAll('ſ', 's')
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
