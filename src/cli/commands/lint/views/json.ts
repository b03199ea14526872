import type { Diagnostic } from '../../../../diagnostics/index.ts'
import type { RuleWords } from '../../../../lint/index.ts'

/** The version of the two documents below; it changes when a field goes or changes its meaning. */
const VERSION = 1

/** One JSON document with all findings; lines and columns count from 1, `end` is just after the last character. */
export function renderFindings(found: readonly Diagnostic[]): string {
  const count = (severity: Diagnostic['severity']): number =>
    found.filter(each => each.severity === severity).length
  return document({
    findings: found.map(({ range, ...words }) => ({
      ...words,
      ...(range ? { file: range.file, start: range.start, end: range.end } : {}),
    })),
    counts: { error: count('error'), warning: count('warning'), note: count('note') },
  })
}

/** The rules as data. */
export function renderRules(rules: readonly RuleWords[]): string {
  return document({ rules: rules.map(({ code, severity, about }) => ({ code, severity, about })) })
}

function document(fields: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({ version: VERSION, ...fields }, null, 2)}\n`
}
