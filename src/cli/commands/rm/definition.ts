import type { CommandDefinition } from '../../command.ts'

/** `tscompose rm`. */
export const rm: CommandDefinition = {
  name: 'rm',
  arguments: '[SERVICE...]',
  summary: 'Remove stopped containers',
  description: 'Removes stopped containers. Named volumes stay; -v removes the anonymous ones.',
  options: [
    { flags: '-f, --force', help: 'Do not ask' },
    { flags: '-s, --stop', help: 'Stop running ones first' },
    { flags: '-v, --volumes', help: 'Remove anonymous volumes, too' },
    { flags: '-a, --all', help: '', hidden: true },
  ],
  examples: [['tscompose rm -fs worker', 'stop and remove worker without a question']],
  load: () => import('./run.ts'),
}
