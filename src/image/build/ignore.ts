import dockerignore from '@balena/dockerignore'

interface Matcher {
  add(rules: string): Matcher
  ignores(path: string): boolean
}

// The package's types declare an ES default export; what it really exports is the function itself.
const createMatcher = dockerignore as unknown as (options: { ignorecase: boolean }) => Matcher

/** Whether the rules of a .dockerignore hide a path relative to the context; no rules hide nothing. */
export function ignoreRules(rules: string | undefined): (path: string) => boolean {
  if (rules === undefined) return () => false
  const matcher = createMatcher({ ignorecase: false }).add(rules)
  return path => path !== '' && matcher.ignores(path)
}
