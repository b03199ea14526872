import type { CommandDefinition } from '../../command.ts'

/** `tscompose stop`. */
export const stop: CommandDefinition = {
  name: 'stop',
  arguments: '[SERVICE...]',
  summary: 'Stop containers and keep them',
  description: 'Stops in reverse order of depends_on. `start` brings the same containers back.',
  options: [
    {
      flags: '-t, --timeout <seconds>',
      help: 'Grace period before the kill, instead of stop_grace_period',
      value: 'number',
    },
  ],
  examples: [['tscompose stop -t 2 web', 'two seconds to end by itself']],
  load: () => import('./run.ts'),
}
