import type { ProgressListener } from '../../../executor/index.ts'
import type { Plan } from '../../../planner/index.ts'
import type { CommandContext } from '../../command.ts'
import { jsonProgress, plainProgress } from './lines.ts'

/** A view of a running plan. */
export interface ProgressView {
  readonly onEvent: ProgressListener
  /** Ends the view; resolves when the terminal is calm again. */
  finish(): Promise<void>
}

export interface ProgressOptions {
  /** The output of build steps is not shown. */
  readonly quietBuild: boolean
}

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
