import { failure } from '../../../diagnostics/index.ts'
import { LINT_RULES } from '../../../lint/index.ts'

export type LintFormat = 'text' | 'json' | 'github' | 'sarif'

/** Flags of `lint`, read. */
export interface LintFlags {
  readonly format: LintFormat
  /** Notes are left out. */
  readonly quiet: boolean
  /** The mildest severity that makes the exit status 2; undefined: none does. */
  readonly failOn: 'warning' | 'note' | undefined
  readonly ignore: readonly string[]
  /** Each finding by itself. */
  readonly all: boolean
  /** List the rules, read no file. */
  readonly rules: boolean
}

/** Flags of `lint`, as they were given. */
export interface GivenLintFlags {
  readonly json: boolean
  readonly format: LintFormat | undefined
  readonly quiet: boolean
  readonly failOn: LintFlags['failOn']
  readonly strict: boolean
  readonly ignore: readonly string[]
  readonly all: boolean
  readonly rules: boolean
}

/** What the flags mean together. Raises FLAG_CONFLICT, FLAG_VALUE. */
export function readLintFlags({
  json,
  format,
  quiet,
  failOn,
  strict,
  ignore,
  all,
  rules,
}: GivenLintFlags): LintFlags {
  if (json && format !== undefined && format !== 'json')
    throw flagConflict(`give either --json or --format ${format}`)
  if (strict && failOn === 'note')
    throw flagConflict('give either --strict or --fail-on note: --strict lets notes pass')
  return {
    format: json ? 'json' : (format ?? 'text'),
    quiet,
    failOn: strict ? 'warning' : failOn,
    ignore: readCodes(ignore),
    all,
    rules,
  }
}

/** `--ignore A --ignore B,C`. */
function readCodes(texts: readonly string[]): readonly string[] {
  const codes = texts.flatMap(text => text.split(','))
  for (const code of codes)
    if (!LINT_RULES.some(rule => rule.code === code))
      throw failure({
        code: 'FLAG_VALUE',
        kind: 'invalidArgument',
        summary: `give --ignore the code of a rule, got "${code}"`,
        hint: 'lint --rules lists them',
      })
  return codes
}

function flagConflict(summary: string): Error {
  return failure({ code: 'FLAG_CONFLICT', kind: 'invalidArgument', summary })
}
