import type { Diagnostic } from '../../diagnostics/index.ts'
import { lineOfFinding } from './check-dockerfile.ts'
import type { LoadedContext } from './context.ts'
import type { BuildRun } from './run-state.ts'

/** Tells what the lint rules found, as text and with its place. */
export function tellFindings(
  found: readonly Diagnostic[],
  { emit, trace }: Pick<BuildRun, 'emit' | 'trace'>,
  context: LoadedContext,
): void {
  for (const finding of found) {
    const text = lineOfFinding(finding)
    emit({ type: 'warning', code: finding.code, text })
    trace.warn({ text, ...placeOf(finding, context) })
  }
}

/** What is said of the Dockerfile is said once, not for each platform. */
export function once(emit: BuildRun['emit']): BuildRun['emit'] {
  const said = new Set<string>()
  return event => {
    if (event.type === 'warning') {
      const text = `${event.code} ${event.text}`
      if (said.has(text)) return
      said.add(text)
    }
    emit(event)
  }
}

function placeOf(
  { range }: Diagnostic,
  { file, dockerfile }: LoadedContext,
): { readonly place?: { readonly file: string; readonly text: string; readonly line: number } } {
  return range === undefined ? {} : { place: { file, text: dockerfile, line: range.start.line } }
}
