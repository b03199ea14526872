import { posix } from 'node:path'
import { failure } from '../../diagnostics/index.ts'
import { ROUTES, type Route, type RouteName } from '../routes.ts'
import { splitVersion } from './versions/version.ts'

/** A request's place in the table. */
export interface Match {
  readonly name: RouteName
  readonly params: Readonly<Record<string, string>>
  /** Of the API, in which it is meant and is to be answered. */
  readonly version: string
}

interface Pattern {
  readonly name: RouteName
  readonly method: string
  readonly expression: RegExp
}

const PATTERNS: readonly Pattern[] = (Object.keys(ROUTES) as RouteName[]).map(name => {
  const route: Route = ROUTES[name]
  const source = route.path.replace(/:([a-z]+)(\+?)/gi, (_, param: string, plus: string) =>
    plus === '' ? `(?<${param}>[^/]+)` : `(?<${param}>.+)`,
  )
  return { name, method: route.method, expression: new RegExp(`^${source}$`) }
})

/** The path without empty parts, `.` and `..`: Docker's router sends clients there that ask for another one. */
export function plainPath(path: string): string {
  const dots = path.replace(/%2e/gi, '.')
  return /\/\/|\/\.\.?(?:\/|$)/.test(dots) && dots.startsWith('/') ? posix.normalize(dots) : path
}

/** Finds the route. Throws `ROUTE_NOT_FOUND`, `METHOD_NOT_ALLOWED`, `API_VERSION_UNSUPPORTED`, `API_VERSION_TOO_OLD`, `PATH_INVALID`. */
export function match(method: string, path: string): Match {
  // A request through a proxy, and some clients' every one, has the whole address (RFC 9112, 3.2.2).
  const { version, rest } = splitVersion(path.replace(/^https?:\/\/[^/]*/i, ''))
  // Docker looks at a path without escapes: a slash that is one is as good as one that is not, where it means nothing else.
  const found = find(method, rest) ?? find(method, rest.replace(/%2f/gi, '/'))
  if (found !== undefined) return { ...found, version }
  const known = PATTERNS.some(({ expression }) => expression.test(rest))
  // Docker's words for both: clients look for them to tell an engine that is too old.
  throw failure({
    code: known ? 'METHOD_NOT_ALLOWED' : 'ROUTE_NOT_FOUND',
    kind: 'notFound',
    summary: 'page not found',
  })
}

function find(method: string, path: string): Omit<Match, 'version'> | undefined {
  for (const { name, method: wanted, expression } of PATTERNS) {
    const found = wanted === method ? expression.exec(path) : null
    if (found !== null) return { name, params: decodeParams(found.groups) }
  }
  return undefined
}

function decodeParams(groups: Readonly<Record<string, string>> = {}): Record<string, string> {
  try {
    return Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, decodeURIComponent(text)]))
  } catch (error) {
    if (!(error instanceof URIError)) throw error
    throw failure({
      code: 'PATH_INVALID',
      kind: 'invalidArgument',
      summary: 'Decode the path: bad percent escape',
    })
  }
}
