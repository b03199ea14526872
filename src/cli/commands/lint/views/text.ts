import {
  type Diagnostic,
  type RenderOptions,
  renderDiagnostics,
  renderGrouped,
} from '../../../../diagnostics/index.ts'
import { LINT_RULES, type RuleWords } from '../../../../lint/index.ts'

export interface TextOptions extends RenderOptions {
  /** Each finding by itself, with the line of its file. */
  readonly all: boolean
}

/**
 * The findings, those of one rule together, then how many there are; a word where there are none. What most files have some of is
 * one line at the end.
 */
export function renderText(found: readonly Diagnostic[], options: TextOptions): string {
  if (found.length === 0) return 'Nothing to warn of\n'
  if (options.all) return `${renderDiagnostics(found, options)}\n${countsOf(found)}\n`
  const advice = found.filter(isAdvice)
  const rest = found.filter(each => !isAdvice(each))
  return [
    ...(rest.length === 0
      ? ['Nothing to warn of']
      : [renderGrouped(rest, { ...options, elsewhere: '--all shows them' }), countsOf(rest)]),
    ...(advice.length === 0 ? [] : [adviceLine(advice)]),
    '',
  ].join('\n')
}

const ADVICE: ReadonlySet<string> = new Set(LINT_RULES.flatMap(({ advice, code }) => (advice ? [code] : [])))

function isAdvice({ severity, code }: Diagnostic): boolean {
  return severity === 'note' || ADVICE.has(code)
}

/** `advice: IMAGE_NOT_PINNED (2), NO_START_PERIOD: --all shows where`, what there is most of first. */
function adviceLine(found: readonly Diagnostic[]): string {
  const counts = new Map<string, number>()
  for (const { code } of found) counts.set(code, (counts.get(code) ?? 0) + 1)
  const codes = [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => (count === 1 ? code : `${code} (${count})`))
  return `advice: ${codes.join(', ')}: --all shows where and why`
}

function countsOf(found: readonly Diagnostic[]): string {
  return (['error', 'warning', 'note'] as const)
    .flatMap(severity => {
      const count = found.filter(each => each.severity === severity).length
      return count === 0 ? [] : [`${count} ${severity}${count === 1 ? '' : 's'}`]
    })
    .join(', ')
}

/** One line a rule: code, severity, what it finds. */
export function rulesTable(rules: readonly RuleWords[]): string {
  const width = Math.max(...rules.map(({ code }) => code.length))
  return rules
    .map(({ code, severity, about }) => `${code.padEnd(width)}  ${severity.padEnd(7)}  ${about}\n`)
    .join('')
}
