import type { Diagnostic } from './diagnostic.ts'
import { type RenderOptions, renderDiagnostic } from './render.ts'

/** How many lines a group has at most, but for its head and hint. */
const MOST_LINES = 5

export interface GroupOptions extends RenderOptions {
  /** Where all of a long group are to be seen; told beneath what is left out. */
  readonly elsewhere: string
}

/**
 * Warnings and notes for people, those of one code together: 62 variables that are not set are one thing to be told, not 62.
 * Warnings come first, then notes, without the lines of the file; within both the order of their first places. Errors are never
 * folded, and come last, so that the reader's eye ends on them.
 */
export function renderGrouped(found: readonly Diagnostic[], options: GroupOptions): string {
  const groups = new Map<string, Diagnostic[]>()
  for (const each of found) {
    if (each.severity === 'error') continue
    const key = `${each.severity} ${each.code}`
    groups.set(key, [...(groups.get(key) ?? []), each])
  }
  const ranked = [...groups.values()].sort((a, b) => rankOf(a) - rankOf(b))
  const errors = found.filter(({ severity }) => severity === 'error')
  return [
    ...ranked.map(group => renderGroup(group, options)),
    ...errors.map(each => renderDiagnostic(each, options)),
  ].join('\n')
}

function rankOf([first]: readonly Diagnostic[]): number {
  return first?.severity === 'note' ? 1 : 0
}

function renderGroup(group: readonly Diagnostic[], options: GroupOptions): string {
  const [first] = group
  if (first === undefined) return ''
  const { sourceOf: _sourceOf, ...plain } = options
  if (group.length === 1) return renderDiagnostic(first, first.severity === 'note' ? plain : options)
  const { severity, code, hint } = first
  const head = renderDiagnostic({ severity, code, summary: `in ${group.length} places` }, plain)
  const lines = linesOf(group)
  const left = lines.slice(MOST_LINES)
  return [
    head,
    ...lines.slice(0, MOST_LINES).map(line => `  ${line}`),
    ...(left.length === 0 ? [] : [`  … and ${left.length} more: ${options.elsewhere}`]),
    ...(hint === undefined ? [] : [`  hint: ${hint}`]),
  ].join('\n')
}

/** One line a sentence, at the first of its places. */
function linesOf(group: readonly Diagnostic[]): string[] {
  const bySummary = new Map<string, Diagnostic[]>()
  for (const each of group) bySummary.set(each.summary, [...(bySummary.get(each.summary) ?? []), each])
  return [...bySummary.values()].map(alike => {
    const [first] = alike
    const place = first?.range
      ? `${first.range.file}:${first.range.start.line}:${first.range.start.column} `
      : ''
    const path = first?.path ? `${first.path}: ` : ''
    const more = alike.length === 1 ? '' : ` (${alike.length} places)`
    return `${place}${path}${first?.summary ?? ''}${more}`
  })
}
