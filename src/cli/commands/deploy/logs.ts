import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { whileInterruptible } from '../../interrupt.ts'
import { LOG_OPTIONS } from '../logs/options.ts'
import { makePrinter, readRequest } from '../logs/run.ts'
import { clusterOf, WHERE, WHERE_CONFLICTS } from './where.ts'

/** `tscompose deploy logs`. */
export const command: Command = defineCommand({
  description:
    'Shows the logs of all services or of those named, from all nodes. With -f it follows them, and those that come later, until it is interrupted.',
  options: {
    ...WHERE,
    ...LOG_OPTIONS,
  },
  conflicts: WHERE_CONFLICTS,
  examples: [
    [
      'tscompose deploy logs -f --to kubernetes --tail 20 web',
      'the last 20 lines of each pod of web, then each new one',
    ],
  ],
  run: async (context, services, options) => {
    const { index: _, ...request } = readRequest(services, { ...options, index: undefined })
    const printer = makePrinter(context, options)
    const cluster = await clusterOf(context, options)
    await whileInterruptible(context.signals, signal =>
      cluster.logs({ ...request, timestamps: options.timestamps }, printer, signal),
    )
    return EXIT.ok
  },
})
