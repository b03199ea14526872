import { failure } from '../../../diagnostics/index.ts'
import { API_VERSION, MIN_API_VERSION } from '../../routes.ts'

/** Negative, zero or positive as `a` is older than, equal to, or newer than `b`. */
export function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number)
  const [majorB = 0, minorB = 0] = b.split('.').map(Number)
  return majorA - majorB || minorA - minorB
}

/** A path without its version, and the version that was asked for; none is the newest. API_VERSION_UNSUPPORTED and API_VERSION_TOO_OLD, in Docker's words: clients look for them. */
export function splitVersion(path: string): { readonly version: string; readonly rest: string } {
  const [, version = API_VERSION, rest = path] = /^\/v(\d+(?:\.\d+)?)(\/.*)$/.exec(path) ?? []
  if (compareVersions(version, API_VERSION) > 0) {
    throw failure({
      code: 'API_VERSION_UNSUPPORTED',
      kind: 'invalidArgument',
      summary: `client version ${version} is too new. Maximum supported API version is ${API_VERSION}`,
    })
  }
  if (compareVersions(version, MIN_API_VERSION) < 0) {
    throw failure({
      code: 'API_VERSION_TOO_OLD',
      kind: 'invalidArgument',
      summary: `client version ${version} is too old. Minimum supported API version is ${MIN_API_VERSION}, please upgrade your client to a newer version`,
    })
  }
  return { version, rest }
}
