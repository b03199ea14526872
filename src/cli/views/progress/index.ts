import type { Plan } from '../../../planner/index.ts'
import type { CommandContext } from '../../command.ts'
import { jsonProgress, plainProgress } from './lines.ts'
import type { ProgressOptions, ProgressView } from './view.ts'

/** The view that the terminal and the global options ask for, on standard error. */
export async function createProgress(
  context: CommandContext,
  plan: Pick<Plan, 'operations'>,
  options: ProgressOptions,
): Promise<ProgressView> {
  const { stderr } = context.streams
  const { progress, ansi } = context.globals
  switch (progress) {
    case 'quiet':
      return { onEvent: () => undefined, finish: async () => undefined }
    case 'json':
      return jsonProgress(stderr)
    case 'plain':
      return plainProgress(stderr, options)
    case 'tty':
    case 'auto': {
      const terminal = progress === 'tty' || (stderr.isTTY === true && ansi !== 'never')
      if (!terminal || plan.operations.length === 0) return plainProgress(stderr, options)
      const { terminalProgress } = await import('./terminal.ts')
      return terminalProgress(stderr, plan, options)
    }
  }
}
