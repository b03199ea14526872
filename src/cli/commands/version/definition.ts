import type { CommandDefinition } from '../../command.ts'

/** `tscompose version`. */
export const version: CommandDefinition = {
  name: 'version',
  arguments: '',
  summary: 'Show the version',
  description: 'Shows the version of tscompose.',
  options: [
    { flags: '-f, --format <format>', help: 'pretty or json', choices: ['pretty', 'json'] },
    { flags: '--short', help: 'The number alone' },
  ],
  examples: [],
  load: () => import('./run.ts'),
}
