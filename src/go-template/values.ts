import { failure } from '../diagnostics/index.ts'

/**
 * What templates work on: text, numbers, booleans, lists (arrays), maps (`Map`, whose missing keys are nothing), and records
 * (plain objects, whose fields are known: another name is an error; a function among them is a method). Nothing is undefined or null.
 */
export type Value = unknown

/** What a value is called in messages. */
export function kindOf(
  value: Value,
): 'nothing' | 'text' | 'number' | 'boolean' | 'list' | 'map' | 'method' | 'record' {
  if (value === undefined || value === null) return 'nothing'
  if (typeof value === 'string') return 'text'
  if (typeof value === 'number' || typeof value === 'bigint') return 'number'
  if (typeof value === 'boolean') return 'boolean'
  if (Array.isArray(value)) return 'list'
  if (value instanceof Map) return 'map'
  return typeof value === 'function' ? 'method' : 'record'
}

/** Whether `if` takes it for true: all but nothing, false, zero and what is empty. */
export function isTrue(value: Value): boolean {
  if (Array.isArray(value)) return value.length > 0
  if (value instanceof Map) return value.size > 0
  return kindOf(value) === 'record' || Boolean(value)
}

/** A value as Go's `%v` writes it: `[a b]`, `map[k:v]`, `{x y}`. */
export function formatValue(value: Value, withNames = false): string {
  if (value === undefined || value === null) return '<nil>'
  if (typeof value === 'number') return formatNumber(value)
  if (Array.isArray(value)) return `[${value.map(each => formatValue(each, withNames)).join(' ')}]`
  if (value instanceof Map)
    return `map[${sortedEntries(value)
      .map(([key, each]) => `${formatValue(key)}:${formatValue(each, withNames)}`)
      .join(' ')}]`
  if (typeof value !== 'object') return String(value)
  return `{${fieldsOf(value)
    .map(([name, each]) => `${withNames ? `${name}:` : ''}${formatValue(each, withNames)}`)
    .join(' ')}}`
}

/** The fields of a record, without its methods. */
export function fieldsOf(record: Value): [string, Value][] {
  return Object.entries(record as object).filter(([, each]) => typeof each !== 'function')
}

/** Whole numbers below 10^21 as they are, others by the shortest digits, with an exponent from 10^6 on and below 10^-4. */
function formatNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return String(value)
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  const size = Math.abs(value)
  return size >= 1e6 || size < 1e-4 ? paddedExponent(value.toExponential()) : String(value)
}

/** `1e+06`: Go writes two digits of an exponent at least. */
export function paddedExponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2')
}

/** The entries of a map by their keys, as `range` and printing go through them. */
export function sortedEntries(map: ReadonlyMap<unknown, unknown>): [unknown, unknown][] {
  return [...map].sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1))
}

/** Whether two values are the same; TEMPLATE_VALUE where they cannot be compared, as text and a number. */
export function isEqual(a: Value, b: Value): boolean {
  const [one, other] = [kindOf(a), kindOf(b)]
  if (one === 'nothing' || other === 'nothing') return one === other
  if (one !== other || !['text', 'number', 'boolean'].includes(one)) throw incomparable(one, other)
  return a === b
}

/** Whether one value comes before another; TEMPLATE_VALUE where they have no order. */
export function isLess(a: Value, b: Value): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a < b
  if (typeof a === 'number' && typeof b === 'number') return a < b
  throw incomparable(kindOf(a), kindOf(b))
}

function incomparable(one: string, other: string): Error {
  const summary =
    one === other ? `values of the kind ${one} cannot be compared` : `${one} cannot be compared with ${other}`
  return valueFailure(summary)
}

/** A failure of what is done with values; whoever executes the template adds the place. */
export function valueFailure(summary: string, hint?: string): Error {
  const options = { code: 'TEMPLATE_VALUE', kind: 'invalidArgument', summary } as const
  return failure(hint === undefined ? options : { ...options, hint })
}
