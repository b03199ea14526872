import type { CommandDefinition } from '../../command.ts'

/** `tscompose ps`. */
export const ps: CommandDefinition = {
  name: 'ps',
  arguments: '[SERVICE...]',
  summary: 'List containers',
  description: 'Lists the running containers of the project, sorted by name.',
  options: [
    { flags: '-a, --all', help: 'Stopped ones, too' },
    { flags: '-q, --quiet', help: 'Ids alone' },
    { flags: '--format <format>', help: 'table or json (one object a line)' },
    { flags: '--services', help: 'Names of services alone' },
    { flags: '--status <status>', help: 'Only with this state; may be repeated', value: 'list' },
    { flags: '--filter <filter>', help: 'Only where status=VALUE' },
    { flags: '--orphans', help: '', hidden: true },
    { flags: '--no-orphans', help: 'Leave out containers of services that the file does not have' },
    { flags: '--no-trunc', help: 'Show commands and ids whole' },
  ],
  examples: [['tscompose ps --format json', 'for programs']],
  load: () => import('./run.ts'),
}
