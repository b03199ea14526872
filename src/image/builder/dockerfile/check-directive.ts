/** What `# check=` says of the lint rules. */
export interface CheckDirective {
  /** Names of rules that are not wanted, lower case; `all` stands for every one. */
  readonly skip: readonly string[]
  /** Names of rules that are tried out and wanted, likewise. */
  readonly experimental: readonly string[]
  /** Findings fail the build. */
  readonly error: boolean
  /** Why the directive cannot be read. */
  readonly problem?: string
}

/** Reads `skip=RuleA,RuleB;error=true`. */
export function parseCheck(text: string): CheckDirective {
  let skip: readonly string[] = []
  let experimental: readonly string[] = []
  let error = false
  for (const part of text.split(';').map(each => each.trim())) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const key = part.slice(0, Math.max(0, equals)).trim().toLowerCase()
    const value = part.slice(equals + 1).trim()
    if (key === 'skip') skip = namesOf(value)
    else if (key === 'experimental') experimental = namesOf(value)
    else if (key === 'error' && /^(?:true|false|1|0|t|f)$/i.test(value)) error = /^(?:true|1|t)$/i.test(value)
    else
      return {
        skip,
        experimental,
        error,
        problem: `got check directive "${part}", want skip=Rule,Rule or error=true`,
      }
  }
  return { skip, experimental, error }
}

function namesOf(value: string): readonly string[] {
  return value
    .split(',')
    .map(name => name.trim().toLowerCase())
    .filter(name => name !== '')
}
