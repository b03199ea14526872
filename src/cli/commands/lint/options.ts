import { failure } from '../../../diagnostics/index.ts'
import { LINT_RULES } from '../../../lint/index.ts'
import type { RawOptions } from '../../command.ts'

export type LintFormat = 'text' | 'json' | 'github' | 'sarif'

/** Flags of `lint`, read. */
export interface LintFlags {
  readonly format: LintFormat
  /** Notes are left out. */
  readonly quiet: boolean
  /** The mildest severity that makes the exit status 2; undefined: none does. */
  readonly failOn: 'warning' | 'note' | undefined
  readonly ignore: readonly string[]
  /** List the rules, read no file. */
  readonly rules: boolean
}

/** The options behind what commander collected. Raises FLAG_CONFLICT, FLAG_VALUE. */
export function readLintFlags(raw: RawOptions): LintFlags {
  const format = raw['format'] as LintFormat | undefined
  if (raw['json'] === true && format !== undefined && format !== 'json')
    throw flagConflict(`give either --json or --format ${format}`)
  const failOn = raw['failOn'] as LintFlags['failOn']
  if (raw['strict'] === true && failOn === 'note')
    throw flagConflict('give either --strict or --fail-on note: --strict lets notes pass')
  return {
    format: raw['json'] === true ? 'json' : (format ?? 'text'),
    quiet: raw['quiet'] === true,
    failOn: raw['strict'] === true ? 'warning' : failOn,
    ignore: readCodes(raw['ignore']),
    rules: raw['rules'] === true,
  }
}

/** `--ignore A --ignore B,C`. */
function readCodes(raw: unknown): readonly string[] {
  const codes = (Array.isArray(raw) ? raw : []).flatMap(text => String(text).split(','))
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
