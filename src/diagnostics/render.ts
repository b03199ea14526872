import type { Diagnostic } from './diagnostic.ts'
import { terminalText } from './terminal-text.ts'

export interface RenderOptions {
  /** The text of a file by its name, for the code frame; undefined where it is not at hand. */
  readonly sourceOf?: (file: string) => string | undefined
  readonly color?: boolean
}

const PAINT = {
  error: '\x1b[31m',
  warning: '\x1b[33m',
  note: '\x1b[36m',
  dim: '\x1b[2m',
  bold: '\x1b[1m',
  reset: '\x1b[0m',
} as const

/**
 * The text form of a diagnostic:
 *
 *     error SCHEMA_TYPE compose.yaml:4:12 services.web.ports: got a string, want a list
 *        3 |   web:
 *      > 4 |     ports: "80"
 *          |            ^^^^
 *       hint: write it as a list item: - "80"
 */
export function renderDiagnostic(diagnostic: Diagnostic, options: RenderOptions = {}): string {
  const paint = (style: keyof typeof PAINT, text: string): string =>
    options.color ? `${PAINT[style]}${text}${PAINT.reset}` : text
  const { range } = diagnostic
  const place = range ? ` ${range.file}:${range.start.line}:${range.start.column}` : ''
  const path = diagnostic.path ? ` ${shown(diagnostic.path)}:` : ''
  const head = `${paint(diagnostic.severity, diagnostic.severity)} ${paint('dim', diagnostic.code)}${place}${path} ${shown(diagnostic.summary)}`
  const lines = [head, ...codeFrame(diagnostic, options)]
  if (diagnostic.detail) lines.push(...diagnostic.detail.split('\n').map(line => `  ${shown(line)}`))
  if (diagnostic.hint) lines.push(`  ${paint('bold', 'hint:')} ${shown(diagnostic.hint)}`)
  return lines.join('\n')
}

/** What stands in it may be a container's words, as of a probe: they must not speak to the terminal. */
function shown(text: string): string {
  return text.split('\n').map(terminalText).join('\n')
}

/** All of them, errors last, so that the reader's eye ends on what stopped the command. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], options: RenderOptions = {}): string {
  const others = diagnostics.filter(diagnostic => diagnostic.severity !== 'error')
  const errors = diagnostics.filter(diagnostic => diagnostic.severity === 'error')
  return [...others, ...errors].map(diagnostic => renderDiagnostic(diagnostic, options)).join('\n')
}

function codeFrame(diagnostic: Diagnostic, options: RenderOptions): string[] {
  const { range } = diagnostic
  const source = range ? options.sourceOf?.(range.file) : undefined
  if (range === undefined || source === undefined) return []
  const lines = source.split('\n')
  const { line, column } = range.start
  const width = String(line).length
  const row = (at: number, mark: string): string =>
    `  ${mark} ${String(at).padStart(width)} | ${(lines[at - 1] ?? '').slice(0, 160)}`
  const length = range.end.line === line ? Math.max(1, range.end.column - column) : 1
  const caret = `  ${' '.repeat(width + 2)} | ${' '.repeat(column - 1)}${'^'.repeat(Math.min(length, 120))}`
  return [...(line > 1 ? [row(line - 1, ' ')] : []), row(line, '>'), caret]
}
