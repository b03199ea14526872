export { LINT_RULES, type LintOptions, lint } from './lint.ts'
export type { RuleWords } from './rule.ts'
