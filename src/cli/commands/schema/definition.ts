import type { CommandDefinition } from '../../command.ts'

/** `tscompose schema`. */
export const schema: CommandDefinition = {
  name: 'schema',
  arguments: '',
  summary: 'Print the JSON Schema of the Compose file',
  description:
    'Prints the JSON Schema (draft 2020-12) that Compose files are checked by, with a description of every attribute,\n' +
    'for editors that complete and explain. No Compose file is read.',
  options: [{ flags: '-o, --output <file>', help: 'Write to this file' }],
  examples: [
    ['tscompose schema -o compose.schema.json', 'then, in the first line of compose.yaml:'],
    ['', '# yaml-language-server: $schema=./compose.schema.json'],
  ],
  load: () => import('./run.ts'),
}
