import { renderDiagnostics } from '../diagnostics/index.ts'
import { notices } from '../project/notices.ts'
import type { CommandContext } from './command.ts'
import { useColor } from './global-options.ts'

/** Prints what the engine has for whoever comes next, and of the project that was worked on, on standard error, and lets go of what is printed. */
export function tellNotices({ env, globals, streams: { stderr } }: CommandContext, project?: string): void {
  const waiting = notices(env, project)
  if (waiting.length === 0) return
  const color = useColor(globals, stderr, env)
  const diagnostics = waiting.map(({ diagnostic }) => diagnostic)
  stderr.write(`${renderDiagnostics(diagnostics, { color })}\n`)
  for (const { done } of waiting) done()
}
