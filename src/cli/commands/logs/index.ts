import { type Command, defineCommand } from '../../define-command.ts'
import { number } from '../../option.ts'
import { LOG_OPTIONS } from './options.ts'
import { runLogs } from './run.ts'

/** `tscompose logs`. */
export const command: Command = defineCommand({
  description:
    'Shows the logs of all services or of those named. With -f it follows them through restarts until none is left.',
  options: {
    ...LOG_OPTIONS,
    index: number('--index <number>', 'This container of a service that has several'),
  },
  examples: [['tscompose logs -f --tail 20 web', 'the last 20 lines of web, then each new one']],
  run: runLogs,
})
