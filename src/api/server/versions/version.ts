import { failure } from '../../../diagnostics/index.ts'
import { API_VERSION, MIN_API_VERSION } from '../../routes.ts'

/** Negative, zero or positive as `a` is older than, equal to, or newer than `b`. */
export function compareVersions(a: string, b: string): number {
  return majorOf(a) - majorOf(b) || minorOf(a) - minorOf(b)
}

function majorOf(version: string): number {
  return Number.parseInt(version, 10)
}

/** Each request is compared several times: no list is made of the parts. */
function minorOf(version: string): number {
  const dot = version.indexOf('.')
  return dot < 0 ? 0 : Number.parseInt(version.slice(dot + 1), 10)
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
