import type { CommandDefinition } from '../../command.ts'

/** `tscompose down`. */
export const down: CommandDefinition = {
  name: 'down',
  arguments: '[SERVICE...]',
  summary: 'Stop and remove containers and networks',
  description:
    'Stops in reverse order of depends_on and removes what up made. Volumes stay unless -v is given; images stay unless --rmi is.',
  options: [
    { flags: '-v, --volumes', help: 'Remove named and anonymous volumes, too: their data is lost' },
    { flags: '--volume', help: '', hidden: true },
    { flags: '--remove-orphans', help: 'Remove containers of services that the file no longer has' },
    {
      flags: '--rmi <which>',
      help: 'Remove images: local = those without a name of their own, all',
      choices: ['local', 'all'],
    },
    {
      flags: '-t, --timeout <seconds>',
      help: 'Grace period of a stop, instead of stop_grace_period',
      value: 'number',
    },
  ],
  examples: [
    ['tscompose down', 'stop and remove, keep the data'],
    ['tscompose down -v', 'as if it had never been'],
  ],
  load: () => import('./run.ts'),
}
