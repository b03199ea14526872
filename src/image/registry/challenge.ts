/** How a registry wants to be authenticated to: one entry of a `WWW-Authenticate` header (RFC 9110, 11.6.1). */
export interface Challenge {
  /** Lower case: `bearer`, `basic`. */
  readonly scheme: string
  readonly parameters: Readonly<Record<string, string>>
}

const SCHEME = /^[\s,]*([a-z0-9!#$%&'*+.^_`|~-]+)(?=\s|$|,)/i
const PARAMETER = /^[\s,]*([a-z0-9!#$%&'*+.^_`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/i

/** The challenges of a header, in order; what cannot be read ends the list. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = []
  let rest = header
  for (let scheme = SCHEME.exec(rest); scheme; scheme = SCHEME.exec(rest)) {
    rest = rest.slice(scheme[0].length)
    const parameters: Record<string, string> = {}
    for (let found = PARAMETER.exec(rest); found; found = PARAMETER.exec(rest)) {
      rest = rest.slice(found[0].length)
      parameters[(found[1] ?? '').toLowerCase()] = found[2]?.replace(/\\(.)/g, '$1') ?? found[3] ?? ''
    }
    challenges.push({ scheme: (scheme[1] ?? '').toLowerCase(), parameters })
  }
  return challenges
}
