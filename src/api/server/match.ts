import { failure } from '../../diagnostics/index.ts'
import { API_VERSION, MIN_API_VERSION, ROUTES, type Route, type RouteName } from '../routes.ts'

/** A request's place in the table. */
export interface Match {
  readonly name: RouteName
  readonly params: Readonly<Record<string, string>>
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

/** Finds the route. Throws `ROUTE_NOT_FOUND`, `METHOD_NOT_ALLOWED`, `API_VERSION_UNSUPPORTED`, `PATH_INVALID`. */
export function match(method: string, path: string): Match {
  const versioned = /^\/v(\d+\.\d+)(\/.*)$/.exec(path)
  checkVersion(versioned?.[1] ?? API_VERSION)
  const rest = versioned?.[2] ?? path
  let known = false
  for (const pattern of PATTERNS) {
    const found = pattern.expression.exec(rest)
    if (found === null) continue
    known = true
    if (pattern.method === method) return { name: pattern.name, params: decodeParams(found.groups) }
  }
  // Docker's words for both: clients look for them to tell an engine that is too old.
  throw failure({
    code: known ? 'METHOD_NOT_ALLOWED' : 'ROUTE_NOT_FOUND',
    kind: 'notFound',
    summary: 'page not found',
  })
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

/** Negative, zero or positive as `a` is older than, equal to, or newer than `b`. */
function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number)
  const [majorB = 0, minorB = 0] = b.split('.').map(Number)
  return majorA - majorB || minorA - minorB
}

function checkVersion(version: string): void {
  if (compareVersions(version, API_VERSION) > 0) {
    throw unsupported(`client version ${version} is too new. Maximum supported API version is ${API_VERSION}`)
  }
  if (compareVersions(version, MIN_API_VERSION) < 0) {
    throw unsupported(
      `client version ${version} is too old. Minimum supported API version is ${MIN_API_VERSION}`,
    )
  }
}

/** Docker's words: clients look for them. */
function unsupported(summary: string): Error {
  return failure({ code: 'API_VERSION_UNSUPPORTED', kind: 'invalidArgument', summary })
}
