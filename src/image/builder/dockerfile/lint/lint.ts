import type { Diagnostic } from '../../../../diagnostics/index.ts'
import type { CheckDirective } from '../check-directive.ts'
import { diagnosticOf, type LintInput } from './rule.ts'
import { RULES } from './rules/index.ts'

/** What the rules find that the file has not switched off, in the order of the file. */
export function lintDockerfile(input: LintInput, check: CheckDirective): readonly Diagnostic[] {
  const isNamed = (names: readonly string[], name: string): boolean =>
    names.includes('all') || names.includes(name.toLowerCase())
  return RULES.filter(({ name, isExperimental = false }) =>
    isExperimental ? isNamed(check.experimental, name) : !isNamed(check.skip, name),
  )
    .flatMap(rule => [...rule.check(input)].map(finding => diagnosticOf(rule, finding)))
    .sort((a, b) => lineOf(a) - lineOf(b))
}

function lineOf({ range }: Diagnostic): number {
  return range?.start.line ?? 0
}
