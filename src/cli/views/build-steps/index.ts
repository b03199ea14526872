import type { CommandContext } from '../../command.ts'
import { screenOf } from '../progress/screen.ts'
import type { ProgressView } from '../progress/view.ts'

/** Whether builds are shown step by step as they go on; if not, they are told of by lines, as all else is. */
export function showsSteps({ streams: { stderr }, globals: { progress, ansi } }: CommandContext): boolean {
  if (progress === 'rawjson' || progress === 'tty') return true
  return progress === 'auto' && stderr.isTTY === true && ansi !== 'never' && stderr.columns > 0
}

/** The view of a command that only builds, and is told what happens in each step. */
export async function createBuildView(context: CommandContext): Promise<ProgressView> {
  const { stderr } = context.streams
  if (context.globals.progress === 'rawjson') return rawJson(text => stderr.write(text))
  const { buildTerminal } = await import('./build-terminal.ts')
  return buildTerminal(screenOf(stderr))
}

/** One object of BuildKit's SolveStatus a line, as buildx prints them. */
function rawJson(write: (text: string) => unknown): ProgressView {
  return {
    onEvent: ({ trace }) => {
      if (trace !== undefined) write(`${JSON.stringify(trace)}\n`)
    },
    giveWay: async () => undefined,
    finish: async () => undefined,
  }
}
