import { type Diagnostic, Failure } from '../../../diagnostics/index.ts'

/**
 * What a field of a body may be: `texts` a list of texts, `labels` a map of texts, `keys` a map whose keys count alone,
 * `whatever` is looked at by the engine; `list`, `map` and `object` are made of shapes.
 */
export type Field =
  | 'text'
  | 'flag'
  | 'number'
  | 'texts'
  | 'labels'
  | 'keys'
  | 'whatever'
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly object: Shape }

/** Fields by name. Others may be there, from newer clients: they are not taken. */
export type Shape = Readonly<Record<string, Field>>

/** A shape that names each field of `T`, so that none is forgotten when the type grows. */
export type ShapeOf<T> = { readonly [K in keyof T]-?: Field }

/** What a shape takes of a body, and the paths of the rest. */
export interface Taken<T> {
  readonly body: T
  readonly unknown: readonly string[]
}

/**
 * The body with the fields of its shape alone, to whatever depth the shape goes: what is kept in a record is what somebody
 * has thought of. Fields that say nothing are not told. Errors: as `checkShape`.
 */
export function takeShape<T extends object>(shape: Shape, body: T): Taken<T> {
  checkShape(shape, body)
  const unknown: string[] = []
  return { body: takeFields(shape, body, '', unknown) as T, unknown }
}

function takeFields(shape: Shape, value: object, path: string, unknown: string[]): object {
  const taken: Record<string, unknown> = {}
  for (const [name, entry] of Object.entries(value)) {
    const here = path === '' ? name : `${path}.${name}`
    const field = Object.hasOwn(shape, name) ? shape[name] : undefined
    if (field !== undefined) taken[name] = takeField(field, entry, here, unknown)
    else if (!isEmpty(entry)) unknown.push(here)
  }
  return taken
}

function takeField(field: Field, value: unknown, path: string, unknown: string[]): unknown {
  if (typeof field === 'string' || typeof value !== 'object' || value === null) return value
  if ('object' in field) return takeFields(field.object, value, path, unknown)
  if ('list' in field && Array.isArray(value))
    return value.map((item, index) => takeFields(field.list, item, `${path}[${index}]`, unknown))
  const entries = Object.entries(value)
  return 'map' in field
    ? Object.fromEntries(
        entries.map(([key, entry]) => [key, takeFields(field.map, entry, `${path}.${key}`, unknown)]),
      )
    : value
}

/** Go clients send what is not set, too. */
function isEmpty(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0
  return !value
}

/** Throws a `Failure` with a `BODY_FIELD_INVALID` for each field that is of another kind than the shape says. */
export function checkShape(shape: Shape, body: object): void {
  const problems: Diagnostic[] = []
  checkObject(shape, body, '', problems)
  if (problems.length > 0) throw new Failure('invalidArgument', problems)
}

function checkObject(shape: Shape, value: unknown, path: string, problems: Diagnostic[]): void {
  if (!isMap(value)) {
    problems.push(problem(path, 'an object', value))
    return
  }
  for (const [name, field] of Object.entries(shape)) {
    const entry = value[name]
    if (entry !== undefined) checkField(field, entry, path === '' ? name : `${path}.${name}`, problems)
  }
}

function checkField(field: Field, value: unknown, path: string, problems: Diagnostic[]): void {
  if (typeof field === 'string') {
    const { want, is } = KINDS[field]
    if (!is(value)) problems.push(problem(path, want, value))
  } else if ('object' in field) {
    checkObject(field.object, value, path, problems)
  } else if ('list' in field) {
    if (!Array.isArray(value)) problems.push(problem(path, 'a list', value))
    else value.forEach((item, index) => void checkObject(field.list, item, `${path}[${index}]`, problems))
  } else if (!isMap(value)) {
    problems.push(problem(path, 'an object', value))
  } else {
    for (const [key, entry] of Object.entries(value))
      checkObject(field.map, entry, `${path}.${key}`, problems)
  }
}

interface Kind {
  readonly want: string
  readonly is: (value: unknown) => boolean
}

const isText = (value: unknown): boolean => typeof value === 'string'

const KINDS: Readonly<Record<Extract<Field, string>, Kind>> = {
  text: { want: 'a text', is: isText },
  flag: { want: 'true or false', is: value => typeof value === 'boolean' },
  number: { want: 'a number', is: value => typeof value === 'number' },
  texts: { want: 'a list of texts', is: value => Array.isArray(value) && value.every(isText) },
  labels: { want: 'an object of texts', is: value => isMap(value) && Object.values(value).every(isText) },
  keys: { want: 'an object', is: isMap },
  whatever: { want: 'anything', is: () => true },
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function problem(path: string, want: string, got: unknown): Diagnostic {
  const summary = `Read "${path}" of the body: got ${describe(got)}, want ${want}`
  return { severity: 'error', code: 'BODY_FIELD_INVALID', summary, path }
}

function describe(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
