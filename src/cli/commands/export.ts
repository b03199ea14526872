import { failure } from '../../diagnostics/index.ts'
import { exportContainer } from '../../project/copy/export.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { watchInterrupts } from '../interrupt.ts'
import { given, number, text } from '../option.ts'
import { targetOf } from '../target.ts'
import { plainProgressOf, tellDryRun } from '../work.ts'

/** `tscompose export`. */
export const command: Command = defineCommand({
  description:
    "Writes the file system of a service's first container as a tar, without its volumes and binds.",
  options: {
    output: text('-o, --output <file>', 'Write to this file'),
    index: number('--index <number>', 'This container of a service that has several'),
  },
  examples: [['tscompose export web | tar t', 'what is in the container']],
  run: async (context, [service = ''], { output, index }) => {
    const { stdout } = context.streams
    if (output === undefined && stdout.isTTY)
      throw failure({
        code: 'OUTPUT_TERMINAL',
        kind: 'invalidArgument',
        summary: 'a tar is nothing for a terminal',
        hint: 'name a file with --output, or pass it on: | tar t',
      })
    const interrupts = watchInterrupts(context.signals)
    try {
      const name = await exportContainer(targetOf(context), service, output ?? stdout, {
        ...given({ index }),
        ...plainProgressOf(context),
        signal: interrupts.graceful,
      })
      tellDryRun(context, [`export ${name} to ${output ?? '-'}`])
    } finally {
      interrupts.dispose()
    }
    return EXIT.ok
  },
})
