import { stats } from '../../../project/stats.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { watchInterrupts } from '../../interrupt.ts'
import { flag, text } from '../../option.ts'
import { targetOf } from '../../target.ts'
import { FORMAT_HELP, openFormat } from '../../views/listing/open-format.ts'
import { redraw, statsListing } from './view.ts'

/** `tscompose stats`. */
export const command: Command = defineCommand({
  description:
    'Shows what the running containers use, once a second: processor (100 % is one), memory without the file cache that the kernel would give back, traffic, disk, processes. On a terminal it is drawn anew in its place; --format json prints one object a container.',
  options: {
    all: flag('-a, --all', 'Containers that do not run, too'),
    format: text('--format <format>', FORMAT_HELP),
    noStream: flag('--no-stream', 'One look, and no more'),
    noTrunc: flag('--no-trunc', 'Show ids whole'),
  },
  examples: [["tscompose stats --no-stream --format '{{.Name}} {{.MemUsage}}'", 'one look, for scripts']],
  run: async (context, services, { all, format, noStream, noTrunc }) => {
    const render = await openFormat(statsListing(!noTrunc), format)
    const interrupts = watchInterrupts(context.signals)
    const { stdout } = context.streams
    try {
      const request = { services, all, once: noStream, signal: interrupts.graceful }
      for await (const usages of stats(targetOf(context), request)) {
        const frame = render(usages)
        stdout.write(stdout.isTTY && !noStream ? redraw(frame, stdout) : frame)
      }
    } finally {
      interrupts.dispose()
    }
    return EXIT.ok
  },
})
