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

/** The query text, with its question mark; empty without any value. Fields that the route does not know are left out. */
export function renderQuery(
  shape: Readonly<Record<string, QueryField>>,
  values: Readonly<Record<string, unknown>>,
): string {
  const query = new URLSearchParams()
  for (const [name, field] of Object.entries(shape)) {
    const value = values[name]
    if (value === undefined || value === null) continue
    if (field === 'list' && Array.isArray(value)) for (const item of value) query.append(name, String(item))
    else query.append(name, renderValue(field, value))
  }
  return query.size === 0 ? '' : `?${query}`
}

function renderValue(field: QueryField, value: unknown): string {
  const isJson = field === 'filters' || field === 'json'
  return isJson && typeof value !== 'string' ? JSON.stringify(value) : String(value)
}
