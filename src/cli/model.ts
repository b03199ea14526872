import { renderDiagnostics } from '../diagnostics/index.ts'
import type { LoadResult } from '../parser/index.ts'
import type { CommandContext } from './command.ts'
import { useColor } from './global-options.ts'

/** Prints what the loader found, with the lines of the files. */
export function reportDiagnostics(context: CommandContext, result: LoadResult): void {
  if (result.diagnostics.length === 0) return
  const color = useColor(context.globals, context.streams.stderr, context.env)
  const sourceOf = (file: string): string | undefined => result.sources.get(file)
  context.streams.stderr.write(`${renderDiagnostics(result.diagnostics, { color, sourceOf })}\n`)
}
