import {
  type Diagnostic,
  type RenderOptions,
  renderDiagnostics,
  renderGrouped,
} from '../../../../diagnostics/index.ts'
import type { RuleWords } from '../../../../lint/index.ts'

export interface TextOptions extends RenderOptions {
  /** Each finding by itself, with the line of its file. */
  readonly all: boolean
}

/** The findings, those of one rule together, then how many there are; a word where there are none. */
export function renderText(found: readonly Diagnostic[], options: TextOptions): string {
  if (found.length === 0) return 'Nothing to warn of\n'
  const counts = (['error', 'warning', 'note'] as const).flatMap(severity => {
    const count = found.filter(each => each.severity === severity).length
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? '' : 's'}`]
  })
  const text = options.all
    ? renderDiagnostics(found, options)
    : renderGrouped(found, { ...options, elsewhere: '--all shows them' })
  return `${text}\n${counts.join(', ')}\n`
}

/** One line a rule: code, severity, what it finds. */
export function rulesTable(rules: readonly RuleWords[]): string {
  const width = Math.max(...rules.map(({ code }) => code.length))
  return rules
    .map(({ code, severity, about }) => `${code.padEnd(width)}  ${severity.padEnd(7)}  ${about}\n`)
    .join('')
}
