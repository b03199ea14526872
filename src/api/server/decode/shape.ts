import { type Diagnostic, Failure } from '../../../diagnostics/index.ts'

/**
 * What a field of a body may be: `number` an integer of 64 bits, `uint16`, `uint32` and `uint64` are numbers of Go's types, `sizes` a list of such, `texts` a list, `words` a list of lists of texts, `labels` a map of texts,
 * `keys` a map whose keys count alone; `list`, `map`, `lists` (a map of lists) and `object` are made of shapes.
 */
export type Field =
  | 'text'
  | 'flag'
  | 'number'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'sizes'
  | 'texts'
  | 'words'
  | 'labels'
  | 'keys'
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly lists: Shape }
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
  if (typeof value !== 'object' || value === null) return value
  if (field === 'keys') return takeMap(value, path, (entry, at) => takeFields({}, entry, at, unknown))
  if (typeof field === 'string') return value
  if ('object' in field) return takeFields(field.object, value, path, unknown)
  const shape = 'list' in field ? field.list : 'lists' in field ? field.lists : field.map
  const takeList = (list: unknown, at: string): unknown =>
    Array.isArray(list)
      ? list.map((item, index) => takeFields(shape, item, `${at}[${index}]`, unknown))
      : list
  if ('list' in field) return takeList(value, path)
  return takeMap(
    value,
    path,
    'lists' in field ? takeList : (entry, at) => takeFields(shape, entry, at, unknown),
  )
}

function takeMap(map: object, path: string, take: (entry: object, path: string) => unknown): object {
  return Object.fromEntries(Object.entries(map).map(([key, entry]) => [key, take(entry, `${path}.${key}`)]))
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
    checkList(field.list, value, path, problems)
  } else if (!isMap(value)) {
    problems.push(problem(path, 'an object', value))
  } else {
    for (const [key, entry] of Object.entries(value)) {
      if ('lists' in field) checkList(field.lists, entry, `${path}.${key}`, problems)
      else checkObject(field.map, entry, `${path}.${key}`, problems)
    }
  }
}

function checkList(shape: Shape, value: unknown, path: string, problems: Diagnostic[]): void {
  if (!Array.isArray(value)) problems.push(problem(path, 'a list', value))
  else value.forEach((item, index) => void checkObject(shape, item, `${path}[${index}]`, problems))
}

interface Kind {
  readonly want: string
  readonly is: (value: unknown) => boolean
}

const isText = (value: unknown): boolean => typeof value === 'string'
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText)
// All of Docker's are integers; one with a fraction would get as far as the kernel. The largest of 64 bits are rounded up.
const isWithin =
  (least: number, most: number) =>
  (value: unknown): boolean =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most
const isUint32 = isWithin(0, 2 ** 32 - 1)

const KINDS: Readonly<Record<Extract<Field, string>, Kind>> = {
  text: { want: 'a text', is: isText },
  flag: { want: 'true or false', is: value => typeof value === 'boolean' },
  number: { want: 'an integer', is: isWithin(-(2 ** 63), 2 ** 63) },
  uint16: { want: 'an integer from 0 to 65535', is: isWithin(0, 2 ** 16 - 1) },
  uint32: { want: 'an integer from 0 to 4294967295', is: isUint32 },
  uint64: { want: 'an integer of 0 or more', is: isWithin(0, 2 ** 64) },
  sizes: { want: 'a list of sizes', is: value => Array.isArray(value) && value.every(isUint32) },
  texts: { want: 'a list of texts', is: isTexts },
  words: { want: 'a list of lists of texts', is: value => Array.isArray(value) && value.every(isTexts) },
  labels: { want: 'an object of texts', is: value => isMap(value) && Object.values(value).every(isText) },
  keys: { want: 'an object of objects', is: value => isMap(value) && Object.values(value).every(isMap) },
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** In the words of Docker, which clients look for; what we know better stands beside them. */
function problem(path: string, want: string, got: unknown): Diagnostic {
  const isNumeric = typeof got === 'number' && want.startsWith('an integer')
  const number = isNumeric ? ` ${got}` : ''
  const summary = `invalid JSON: json: cannot unmarshal ${jsonKind(got)}${number} into Go struct field .${path} of type ${GO_TYPES[want] ?? 'struct'}`
  return { severity: 'error', code: 'BODY_FIELD_INVALID', summary, path, facts: { got: describe(got), want } }
}

const GO_TYPES: Readonly<Record<string, string>> = {
  'a text': 'string',
  'true or false': 'bool',
  'an integer': 'int64',
  'an integer from 0 to 65535': 'uint16',
  'a list of texts': '[]string',
  'an integer from 0 to 4294967295': 'uint32',
  'an integer of 0 or more': 'uint64',
  'a list of sizes': 'uint',
  'a list of lists of texts': '[][]string',
  'an object of texts': 'map[string]string',
  'an object of objects': 'map[string]struct {}',
  'a list': '[]struct',
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

function describe(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
