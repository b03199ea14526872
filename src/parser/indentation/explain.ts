import type { Diagnostic } from '../../diagnostics/index.ts'
import { renderPath } from '../tree/walk.ts'
import { findMove, type Move } from './move.ts'

/** Above this size nobody waits for trials. */
const SIZE_LIMIT = 100_000

/** A key that stands twice is not among them: any line moves out of the way of its like, and that breaks the file. */
const STRUCTURE = new Set(['YAML_SYNTAX', 'UNKNOWN_ATTRIBUTE', 'MISSING_ATTRIBUTE'])

/**
 * Names the line that slipped where other indentation of one line makes a file right: YAML and the schema only see
 * what follows from it, often lines away. One such diagnostic takes the place of all that it explains.
 */
export function explainIndentation(
  diagnostics: readonly Diagnostic[],
  textOf: (file: string) => string | undefined,
): readonly Diagnostic[] {
  let explained = diagnostics
  const files = new Set(diagnostics.filter(mayBeIndentation).map(({ range }) => range?.file))
  for (const file of files) {
    const text = file === undefined ? undefined : textOf(file)
    if (file === undefined || text === undefined || text.length > SIZE_LIMIT) continue
    const own = explained.filter(each => each.range?.file === file && each.severity === 'error')
    const first = own.find(mayBeIndentation)
    if (first?.range && isTabbed(text, first.range.start.line)) continue
    const move = first?.range && findMove(text, first.range.start.line)
    if (move && first) explained = withMove(explained, first, move)
  }
  return explained
}

/** A tab in its indentation is what is wrong with the line, however many blanks it stands for. */
function isTabbed(text: string, line: number): boolean {
  return /^ *\t/.test(text.split('\n')[line - 1] ?? '')
}

/** A misspelt key has a hint of its own; so has a value of another type, but for whole services, nothing at all, and items. */
function mayBeIndentation({ severity, code, hint = '', summary, path = '', range }: Diagnostic): boolean {
  if (severity !== 'error' || hint.startsWith('did you mean')) return false
  if (STRUCTURE.has(code)) return true
  // A list item that is indented deeper than the one above goes on with its text.
  if (code.startsWith('INVALID_') && range && range.end.line > range.start.line && summary.includes(' - '))
    return true
  if (code !== 'INVALID_TYPE' || hint.startsWith('quote it')) return false
  if (/ got null$/.test(summary) || hint.startsWith('write KEY: value')) return true
  return /^[^.]+(?:\.[^.]+)?$/.test(path) || (path.endsWith(']') && summary.endsWith(' got a mapping'))
}

function withMove(diagnostics: readonly Diagnostic[], first: Diagnostic, move: Move): readonly Diagnostic[] {
  const file = first.range?.file ?? ''
  const where = move.container.length === 0 ? 'the top level' : renderPath(move.container)
  const { path: _path, detail: _detail, ...rest } = first
  const told: Diagnostic = {
    ...rest,
    summary: `indent this line by ${move.indent} spaces, not ${move.was}: it belongs to ${where}`,
    hint: `check the indentation: ${move.indent > move.was ? 'it slipped to the left' : 'it slipped to the right'}`,
    range: {
      file,
      start: { line: move.line, column: move.was + 1 },
      end: { line: move.line, column: move.was + 1 + move.length },
    },
  }
  return diagnostics.flatMap(each => {
    if (each === first) return told
    const follows = each.range?.file === file && each.severity === 'error'
    return follows && move.solvesAll ? [] : each
  })
}
