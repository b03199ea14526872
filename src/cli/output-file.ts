import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { failure, messageOf } from '../diagnostics/index.ts'
import type { CommandContext } from './command.ts'

/** Writes to the file of `--output`, relative to the working folder, or to standard output where there is none. Raises OUTPUT_FILE. */
export function writeOutput(
  context: Pick<CommandContext, 'cwd' | 'streams'>,
  file: string | undefined,
  text: string,
): void {
  if (file === undefined) {
    context.streams.stdout.write(text)
    return
  }
  try {
    writeFileSync(resolve(context.cwd, file), text)
  } catch (error) {
    throw failure({
      code: 'OUTPUT_FILE',
      kind: 'invalidArgument',
      summary: `name a file that can be written with --output, got "${file}"`,
      detail: messageOf(error),
      cause: error,
    })
  }
}
