import { type Command, defineCommand } from '../../define-command.ts'
import { flag, number, text } from '../../option.ts'
import { runLogs } from './run.ts'

/** `tscompose logs`. */
export const command: Command = defineCommand({
  description:
    'Shows the logs of all services or of those named. With -f it follows them through restarts until none is left.',
  options: {
    follow: flag('-f, --follow', 'Go on with new lines'),
    tail: text('-n, --tail <lines>', 'Only the last lines of each container, or all'),
    timestamps: flag('-t, --timestamps', 'Show when each line was written'),
    since: text('--since <time>', 'From this time on: 2026-01-02T13:23:37Z or 42m'),
    until: text('--until <time>', 'Up to this time'),
    noColor: flag('--no-color', 'Prefixes without colour'),
    noLogPrefix: flag('--no-log-prefix', 'Lines without the name in front'),
    index: number('--index <number>', 'This container of a service that has several'),
  },
  examples: [['tscompose logs -f --tail 20 web', 'the last 20 lines of web, then each new one']],
  run: runLogs,
})
