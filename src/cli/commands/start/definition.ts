import type { CommandDefinition } from '../../command.ts'

/** `tscompose start`. */
export const start: CommandDefinition = {
  name: 'start',
  arguments: '[SERVICE...]',
  summary: 'Start containers that exist',
  description:
    'Starts stopped containers in order of depends_on, with its conditions. Changes of the file are not applied: that is up.',
  options: [
    { flags: '--wait', help: 'Return when they run and are healthy' },
    { flags: '--wait-timeout <seconds>', help: 'Give up waiting after this time', value: 'number' },
  ],
  examples: [],
  load: () => import('./run.ts'),
}
