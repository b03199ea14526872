import { relative } from 'node:path'
import type { Diagnostic } from '../../../../diagnostics/index.ts'

const COMMANDS: Readonly<Record<Diagnostic['severity'], string>> = {
  error: 'error',
  warning: 'warning',
  note: 'notice',
}

/** Workflow commands that GitHub shows beside the lines of a pull request; paths are relative to the checkout. */
export function renderGithub(found: readonly Diagnostic[], root: string): string {
  return found.map(diagnostic => `${annotation(diagnostic, root)}\n`).join('')
}

function annotation({ severity, code, summary, detail, hint, range }: Diagnostic, root: string): string {
  const place: readonly (readonly [string, string | number])[] = range
    ? [
        ['file', range.file.startsWith('/') ? relative(root, range.file) : range.file],
        ['line', range.start.line],
        // Columns are for places within one line.
        ...(range.end.line === range.start.line
          ? ([
              ['endLine', range.end.line],
              ['col', range.start.column],
              ['endColumn', range.end.column],
            ] as const)
          : []),
      ]
    : []
  const properties = [...place, ['title', code] as const].map(
    ([name, value]) => `${name}=${escapeProperty(String(value))}`,
  )
  const text = [summary, detail, hint && `hint: ${hint}`].filter(Boolean).join('\n')
  return `::${COMMANDS[severity]} ${properties.join(',')}::${escapeData(text)}`
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
