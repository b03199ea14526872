import { failure } from '../../../diagnostics/index.ts'
import type { QueryField } from '../../routes.ts'
import type { Filters } from '../../types/filters.ts'

/** The query as its row of the table says. Throws `QUERY_INVALID`. */
export function decodeQuery(
  shape: Readonly<Record<string, QueryField>>,
  query: URLSearchParams,
): Record<string, unknown> {
  const decoded: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(shape)) decoded[name] = decodeField(name, field, query)
  return decoded
}

function decodeField(name: string, field: QueryField, query: URLSearchParams): unknown {
  const text = query.get(name)
  switch (field) {
    case 'text':
      return text === null || text === '' ? undefined : text
    case 'flag':
      return text !== null && isTrue(text)
    case 'flagOn':
      return text === null || isTrue(text)
    case 'number':
      return text === null || text === '' ? undefined : decodeNumber(name, text)
    case 'list':
      return query.getAll(name).filter(item => item !== '')
    case 'filters':
      return text === null || text === '' ? {} : decodeFilters(name, text)
    case 'json':
      return text === null || text === '' ? undefined : parse(name, text)
  }
}

/** What Docker takes for false; all else is true. */
function isTrue(text: string): boolean {
  return !['', '0', 'no', 'false', 'none'].includes(text.trim().toLowerCase())
}

/** An integer, as Go reads it; what a number here does not hold exactly is out of its range. */
function decodeNumber(name: string, text: string): number {
  const isInteger = /^[+-]?\d+$/.test(text)
  const value = Number(text)
  if (isInteger && Number.isSafeInteger(value)) return value
  throw failure({
    code: 'QUERY_INVALID',
    kind: 'invalidArgument',
    summary: `Read the query's "${name}": got "${text}", want an integer`,
    facts: { rule: isInteger ? 'range' : 'integer', name, value: text },
  })
}

/** Docker's two forms: `{"label":["a=b"]}` and `{"label":{"a=b":true}}`. `null` is no filter. */
function decodeFilters(name: string, text: string): Filters {
  const value = parse(name, text) ?? {}
  if (!isObject(value) || Array.isArray(value))
    throw invalid(`Read the query's "${name}": got "${text}", want a JSON object`)
  // Unlike an assignment this takes `__proto__` for a key like others, which no list knows.
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, decodeFilter(name, key, entry)]),
  )
}

function decodeFilter(name: string, key: string, entry: unknown): readonly string[] {
  if (isListOf(entry, 'string')) return entry
  if (isObject(entry) && isListOf(Object.values(entry), 'boolean'))
    return Object.keys(entry).filter(item => Reflect.get(entry, item) !== false)
  throw invalid(`Read the query's "${name}": want a list of values for "${key}"`)
}

function isListOf(value: unknown, type: 'string' | 'boolean'): value is readonly string[] {
  return Array.isArray(value) && value.every(item => typeof item === type)
}

function parse(name: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw invalid(`Read the query's "${name}": got "${text}", want JSON`)
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function invalid(summary: string): Error {
  return failure({ code: 'QUERY_INVALID', kind: 'invalidArgument', summary, facts: { rule: 'json' } })
}
