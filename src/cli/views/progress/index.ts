import { parseSwitch } from '../../../notation/index.ts'
import type { PlannedResource } from '../../../planner/index.ts'
import type { CommandContext } from '../../command.ts'
import { useColor } from '../../global-options.ts'
import { jsonProgress, plainProgress } from './lines.ts'
import { screenOf } from './screen.ts'
import type { ProgressOptions, ProgressView } from './view.ts'

/**
 * The view that the terminal and the global options ask for, on the stream of `statusStream`. `resources`: one for each end that will
 * be told of it, so that a line is settled by the last.
 */
export async function createProgress(
  context: CommandContext,
  resources: readonly PlannedResource[],
  options: ProgressOptions,
): Promise<ProgressView> {
  const stderr = statusStream(context)
  const { progress, ansi } = context.globals
  switch (progress) {
    case 'quiet':
      return { onEvent: () => undefined, giveWay: async () => undefined, finish: async () => undefined }
    case 'json':
    // What happens in builds is told by their own view.
    case 'rawjson':
      return jsonProgress(stderr)
    case 'plain':
      return plainProgress(stderr, options)
    case 'tty':
    case 'auto': {
      // A terminal that nobody told its size has no columns: nothing can be drawn over there.
      const canDraw = stderr.isTTY === true && ansi !== 'never' && stderr.columns > 0
      const terminal = (progress === 'tty' || canDraw) && !options.besideLogs
      if (!terminal || resources.length === 0) return plainProgress(stderr, options)
      const { terminalProgress } = await import('./terminal.ts')
      const color = useColor(context.globals, stderr, context.env)
      return terminalProgress(screenOf(stderr), resources, {
        ...options,
        color,
        clock: () => performance.now(),
      })
    }
  }
}

/** Where progress goes: standard error, or standard output where COMPOSE_STATUS_STDOUT says so. */
export function statusStream({ streams, env }: Pick<CommandContext, 'streams' | 'env'>): NodeJS.WriteStream {
  return parseSwitch(env['COMPOSE_STATUS_STDOUT']) === true ? streams.stdout : streams.stderr
}
