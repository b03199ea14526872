import type { QueryField } from '../../api/routes.ts'

/** The path with its parameters in; a `:name+` keeps its slashes and colons, as image names need. */
export function renderPath(pattern: string, params: Readonly<Record<string, string>>): string {
  return pattern.replace(/:([a-z]+)(\+?)/gi, (_, name: string, plus: string) => {
    const value = params[name] ?? ''
    return plus === '' ? encodeURIComponent(value) : value.split('/').map(encodeSegment).join('/')
  })
}

function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replaceAll('%3A', ':').replaceAll('%40', '@')
}

/**
 * What goes into the query: lists of fields that are JSON as such, all else as it is. Fields that the route does not know are
 * another engine's, and travel too, unless `isClosed`.
 */
export function queryFields(
  shape: Readonly<Record<string, QueryField>>,
  values: object,
  isClosed: boolean,
): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(values)) {
    const field = shape[name]
    if (field === undefined && isClosed) continue
    const isJson = field === 'filters' || field === 'json'
    fields[name] = isJson && Array.isArray(value) ? JSON.stringify(value) : value
  }
  return fields
}

/** The query text: objects as JSON, lists once an item, nothing for what is not there. */
export function renderQuery(fields: object): string {
  const parts: string[] = []
  const add = (name: string, value: unknown): void => {
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
    parts.push(`${encodeURIComponent(name)}=${encodeURIComponent(text)}`)
  }
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === null) continue
    if (Array.isArray(value)) for (const item of value) add(name, item)
    else add(name, value)
  }
  return parts.join('&')
}
