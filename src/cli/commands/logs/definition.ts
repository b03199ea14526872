import type { CommandDefinition } from '../../command.ts'

/** `tscompose logs`. */
export const logs: CommandDefinition = {
  name: 'logs',
  arguments: '[SERVICE...]',
  summary: 'Show what containers wrote',
  description:
    'Shows the logs of all services or of those named. With -f it follows them through restarts until none is left.',
  options: [
    { flags: '-f, --follow', help: 'Go on with new lines' },
    { flags: '-n, --tail <lines>', help: 'Only the last lines of each container, or all' },
    { flags: '-t, --timestamps', help: 'Show when each line was written' },
    { flags: '--since <time>', help: 'From this time on: 2026-01-02T13:23:37Z or 42m' },
    { flags: '--until <time>', help: 'Up to this time' },
    { flags: '--no-color', help: 'Prefixes without colour' },
    { flags: '--no-log-prefix', help: 'Lines without the name in front' },
    { flags: '--index <number>', help: 'This container of a service that has several', value: 'number' },
  ],
  examples: [['tscompose logs -f --tail 20 web', 'the last 20 lines of web, then each new one']],
  load: () => import('./run.ts'),
}
