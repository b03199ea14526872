import type { JsonObject, JsonValue } from '../core/json-value.ts'

/** Plain JSON of any model value: keys sorted, undefined and `x-` extensions but our own dropped, so that equal meaning is equal text. */
export function canonical(value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map(canonical)
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string')
    return value
  if (typeof value === 'object') return canonicalObject(value)
  return String(value)
}

/** As `canonical`, of an object. */
export function canonicalObject(value: object): JsonObject {
  const entries = Object.entries(value)
    .filter(([key, item]) => item !== undefined && (!key.startsWith('x-') || key === 'x-tscompose'))
    .sort(([a], [b]) => compareText(a, b))
    .map(([key, item]): [string, JsonValue] => [key, canonical(item)])
  return Object.fromEntries(entries)
}

/** Order by code units: the same on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
