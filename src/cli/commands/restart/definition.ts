import type { CommandDefinition } from '../../command.ts'

/** `tscompose restart`. */
export const restart: CommandDefinition = {
  name: 'restart',
  arguments: '[SERVICE...]',
  summary: 'Stop and start containers',
  description: 'Restarts the containers as they are. Changes of the file are not applied: that is up.',
  options: [
    {
      flags: '-t, --timeout <seconds>',
      help: 'Grace period before the kill, instead of stop_grace_period',
      value: 'number',
    },
    { flags: '--no-deps', help: 'Leave services alone that depend on them with restart: true' },
  ],
  examples: [],
  load: () => import('./run.ts'),
}
